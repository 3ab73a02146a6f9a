-- Creates and fills the SQLite database of scheduled_sql_sync.py, results_to_sql.py, opt_outs_in_flight.py and
-- approve_then_call_in_waves.py:
--     sqlite3 crm.db < crm.sql
-- Renewal dates are counted from the day on which this runs, so that there is somebody to call on that day
-- and on the days around it.

DROP TABLE IF EXISTS customers;
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    first_name VARCHAR(80) NOT NULL,
    last_name VARCHAR(80) NOT NULL,
    phone VARCHAR(16) NOT NULL UNIQUE,  -- E.164
    plan VARCHAR(20) NOT NULL,
    renews_on DATE NOT NULL,
    call_consent SMALLINT NOT NULL  -- 1: may be called
);

-- What came of the calls: scheduled_sql_sync.py writes it.
CREATE TABLE IF NOT EXISTS call_campaigns (
    campaign_id VARCHAR(64) PRIMARY KEY,
    day DATE NOT NULL,
    total INTEGER,
    completed INTEGER,
    failed INTEGER
);

-- What came of each customer's last call: results_to_sql.py writes it.
CREATE TABLE IF NOT EXISTS call_outcomes (
    customer_id INTEGER PRIMARY KEY REFERENCES customers (id),
    campaign_id VARCHAR(64) NOT NULL,
    status VARCHAR(20) NOT NULL,
    result VARCHAR(40),  -- of the last attempt
    outcome VARCHAR(40),  -- where the API has one
    attempts INTEGER NOT NULL,
    ended_at TIMESTAMP,
    duration_seconds REAL
);

-- Who asked for no calls: opt_outs_in_flight.py and approve_then_call_in_waves.py read it.
CREATE TABLE IF NOT EXISTS opt_outs (
    phone VARCHAR(16) PRIMARY KEY,  -- E.164
    opted_out_at TIMESTAMP NOT NULL
);

INSERT INTO customers (first_name, last_name, phone, plan, renews_on, call_consent) VALUES
    ('Megan', 'Holloway', '+12015550123', 'Business', date('now', '+7 days'), 1),
    ('Thiago', 'Nogueira', '+551123456789', 'Business', date('now', '+7 days'), 1),
    ('Mantas', 'Petrulis', '+37031234567', 'Basic', date('now', '+7 days'), 1),
    ('Magdalena', 'Gruber', '+43664123456', 'Business', date('now', '+6 days'), 1),
    ('Lukas', 'Steinbacher', '+431234567890', 'Plus', date('now', '+6 days'), 1),
    ('Lucía', 'Ferrándiz', '+34612345678', 'Business', date('now', '+8 days'), 1),
    ('Nakato', 'Ssebugwawo', '+256712345678', 'Basic', date('now', '+8 days'), 1),
    ('Neema', 'Mushi', '+255621234567', 'Plus', date('now', '+5 days'), 1),
    ('Ximena', 'Cárdenas', '+522221234567', 'Basic', date('now', '+9 days'), 0),
    ('Ji-won', 'Seo', '+821020000000', 'Basic', date('now', '+10 days'), 1),
    ('Freja', 'Mikkelsen', '+4534412345', 'Plus', date('now', '+14 days'), 1),
    ('Nicolás', 'Arrieta', '+541123456789', 'Basic', date('now', '+30 days'), 1),
    ('Oskar', 'Hallberg', '+468123456', 'Business', date('now', '+7 days'), 1),
    ('Khalid', 'Al Hammadi', '+97122345678', 'Basic', date('now', '+7 days'), 1),
    ('Ananya', 'Krishnan', '+918123456789', 'Plus', date('now', '+7 days'), 1),
    ('Noa', 'Ben-Haim', '+972502345678', 'Basic', date('now', '+6 days'), 1),
    ('Inês', 'Carvalhal', '+351912345678', 'Basic', date('now', '+6 days'), 1),
    ('Aoife', 'Kinsella', '+353850123456', 'Plus', date('now', '+8 days'), 1),
    ('Rasmus', 'Overgaard', '+4532123456', 'Basic', date('now', '+8 days'), 1),
    ('Callum', 'Braithwaite', '+441212345678', 'Basic', date('now', '+5 days'), 1),
    ('Baraka', 'Mwakalinga', '+255222345678', 'Plus', date('now', '+9 days'), 1),
    ('Ieva', 'Žukauskaitė', '+37061234567', 'Business', date('now', '+10 days'), 1),
    ('Nurul Izzah', 'Hashim', '+60123456789', 'Basic', date('now', '+14 days'), 1),
    ('Milagros', 'Huamán', '+51912345678', 'Business', date('now', '+30 days'), 1),
    ('Liis', 'Tammsaar', '+37251234567', 'Business', date('now', '+7 days'), 1),
    ('Karim', 'El Sayed', '+20234567890', 'Plus', date('now', '+7 days'), 1),
    ('Andrés', 'Restrepo', '+576012345678', 'Basic', date('now', '+7 days'), 1),
    ('Nathalie', 'Weyland', '+352628123456', 'Basic', date('now', '+6 days'), 1),
    ('Brian', 'Otieno', '+254202012345', 'Basic', date('now', '+6 days'), 1),
    ('Po-Han', 'Huang', '+886221234567', 'Basic', date('now', '+8 days'), 1),
    ('Femke', 'de Wit', '+31612345678', 'Basic', date('now', '+8 days'), 1),
    ('Eleni', 'Papadaki', '+306912345678', 'Plus', date('now', '+5 days'), 1),
    ('Aroha', 'Tamihana', '+64211234567', 'Plus', date('now', '+9 days'), 1),
    ('Marc', 'Thill', '+35227123456', 'Plus', date('now', '+10 days'), 1),
    ('Petra', 'Kovačić', '+385921234567', 'Plus', date('now', '+14 days'), 1),
    ('Tereza', 'Horáková', '+420601123456', 'Plus', date('now', '+30 days'), 0),
    ('Radu', 'Cernat', '+40211234567', 'Business', date('now', '+7 days'), 0),
    ('Lotte', 'Vermeersch', '+32450001234', 'Basic', date('now', '+7 days'), 1),
    ('Matilda', 'Garrick', '+61412345678', 'Basic', date('now', '+7 days'), 1),
    ('Yonatan', 'Shaked', '+97221234567', 'Basic', date('now', '+6 days'), 1),
    ('Tiago', 'Meireles', '+351212345678', 'Plus', date('now', '+6 days'), 1),
    ('Ginevra', 'Bellandi', '+393123456789', 'Plus', date('now', '+8 days'), 0),
    ('Ioana', 'Dumitrașcu', '+40712034567', 'Business', date('now', '+8 days'), 1),
    ('Finn', 'McAllister', '+6432345678', 'Plus', date('now', '+5 days'), 1),
    ('Chidinma', 'Okonkwo', '+2348021234567', 'Basic', date('now', '+9 days'), 0),
    ('Thibault', 'Delorme', '+33123456789', 'Business', date('now', '+10 days'), 0),
    ('Emre', 'Yıldırım', '+902123456789', 'Plus', date('now', '+14 days'), 1),
    ('Salma', 'Benjelloun', '+212650123456', 'Plus', date('now', '+30 days'), 0),
    ('Aino', 'Lehtonen', '+358412345678', 'Plus', date('now', '+7 days'), 1),
    ('Hui Shan', 'Tan', '+6581234567', 'Plus', date('now', '+7 days'), 1),
    ('Maryam', 'Al Suwaidi', '+971501234567', 'Basic', date('now', '+7 days'), 1),
    ('Geneviève', 'Lachance', '+15062345678', 'Basic', date('now', '+6 days'), 0),
    ('Wanjiru', 'Kamau', '+254712123456', 'Basic', date('now', '+6 days'), 1),
    ('Florencia', 'Giménez', '+5491123456789', 'Plus', date('now', '+8 days'), 1),
    ('Kári', 'Magnússon', '+3544101234', 'Basic', date('now', '+8 days'), 1),
    ('Jomar', 'Villanueva', '+63232345678', 'Basic', date('now', '+5 days'), 1),
    ('Joris', 'van der Laan', '+31101234567', 'Plus', date('now', '+9 days'), 1),
    ('Reto', 'Aebischer', '+41781234567', 'Business', date('now', '+10 days'), 1),
    ('Yasmine', 'Farouk', '+201001234567', 'Basic', date('now', '+14 days'), 1),
    ('Defne', 'Aksoy', '+905012345678', 'Basic', date('now', '+30 days'), 1),
    ('Catalina', 'Sepúlveda', '+56221234567', 'Plus', date('now', '+7 days'), 1),
    ('Ingrid', 'Solheim', '+4740612345', 'Basic', date('now', '+7 days'), 1),
    ('Maricel', 'Dimaculangan', '+639051234567', 'Business', date('now', '+7 days'), 1),
    ('Annika', 'Brenner', '+4915123456789', 'Plus', date('now', '+6 days'), 1),
    ('Noura', 'Al Dossary', '+966512345678', 'Business', date('now', '+6 days'), 1),
    ('Larissa', 'Figueiredo', '+5511961234567', 'Business', date('now', '+8 days'), 1),
    ('Marcus', 'Goh', '+6561234567', 'Basic', date('now', '+8 days'), 1),
    ('Haruka', 'Nishimori', '+819012345678', 'Basic', date('now', '+5 days'), 1),
    ('Valentina', 'Ospina', '+573211234567', 'Plus', date('now', '+9 days'), 0),
    ('Thandeka', 'Mkhize', '+27711234567', 'Basic', date('now', '+10 days'), 1),
    ('Zsófia', 'Bárány', '+36201234567', 'Basic', date('now', '+14 days'), 1),
    ('Ka Yan', 'Kwok', '+85251234567', 'Business', date('now', '+30 days'), 1),
    ('Imogen', 'Hartley', '+447400123456', 'Plus', date('now', '+7 days'), 1),
    ('Sigrún', 'Einarsdóttir', '+3546111234', 'Plus', date('now', '+7 days'), 0),
    ('Min-jae', 'Bae', '+8222123456', 'Basic', date('now', '+7 days'), 1),
    ('Elsa', 'Lindqvist', '+46701234567', 'Plus', date('now', '+6 days'), 1),
    ('Solène', 'Marchand', '+33612345678', 'Plus', date('now', '+6 days'), 1),
    ('Kinga', 'Wasilewska', '+48512345678', 'Plus', date('now', '+8 days'), 1),
    ('Yi-Ting', 'Chen', '+886912345678', 'Plus', date('now', '+8 days'), 1),
    ('Vojtěch', 'Kučera', '+420212345678', 'Basic', date('now', '+5 days'), 1);
