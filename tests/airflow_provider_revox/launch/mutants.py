"""
Ways to break the launch, each with the tests that must notice it.

A mutant is found by what the code looks like, wherever it stands. So modules, functions and variables may be
renamed. A mutant that fits no place, or more than one, is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import kwlist
from pathlib import Path

DECIDE = "test_decide.py"
RIVALS = "test_racing_tries.py"
COPIES = "test_copied_by_hand.py"
LOOK = "test_look.py"
_IDENTITY = "test_identity.py::test_"
OTHER_AIRFLOW = f"{_IDENTITY}a_later_try_of_another_airflow_is_no_earlier_try_of_this_task[contract]"
OTHER_LIST = (
    f"{_IDENTITY}a_create_beside_an_earlier_try_with_another_list_leaves_the_launch_to_it[False-contract]"
)
ONE_KEY = f"{_IDENTITY}with_one_key_for_all_lists_no_list_adopts_the_campaign_of_another[contract]"
OTHER_PLACE = f"{_IDENTITY}a_list_with_people_of_another_list_is_not_launched_at_a_new_place[False-contract]"
FORMS = "test_choose_form.py"
START = "test_start_calls.py"
TAG = "test_tag.py"
SERVERS = "test_generations.py"
PEOPLE = "test_same_people.py"
_MATRIX = "test_fault_matrix.py::test_no_fault_at_any_request_makes_two_campaigns_or_calls_twice"
UNCLEAR_408 = f"{_MATRIX}[contract-status_408-after-create-1]"
NOT_TAKEN = f"{_MATRIX}[contract-status_429-after-create-1]"
OUTAGE = (
    "test_fault_matrix.py::test_an_outage_that_outlasts_all_tries_leaves_one_campaign_at_most"
    "[status_500-contract]"
)
_NO_KEY = "test_fault_matrix.py::test_without_a_launch_key_a_create_without_a_clear_answer_is_not_sent_again"
NO_KEY_TIMED_OUT = f"{_NO_KEY}[after-hang]"
NO_KEY_LOST = f"{_NO_KEY}[after-reset]"
NO_KEY_ERROR = f"{_NO_KEY}[after-status_500]"
RACE = (
    "test_interleavings.py::test_every_interleaving_of_two_workers_ends_with_the_earliest_campaign_alone"
    "[contract]"
)
NOTHING = 'type("Nothing", (list,), {"counts_not_launched": False, "without": lambda found, _: found})()'


@dataclass(frozen=True)
class Mutant:
    """
    One way to break the package.

    :param find: The code around the place. ``<<`` and ``>>`` enclose what is replaced, ``$name`` stands for
        any name, ``...`` for anything that is short, and any white space for any other.
    :param put: What takes its place; a ``$name`` means what it has matched.
    :param noticed_by: The tests that are run. At least one must fail.
    """

    find: str
    put: str
    noticed_by: tuple[str, ...]

    def apply(self, package: Path) -> tuple[Path, str]:
        """Return the file that the mutant changes, and its changed text."""
        fits = [
            (path, match)
            for path in sorted(package.rglob("*.py"))
            for match in re.finditer(_pattern(self.find), path.read_text(), re.DOTALL)
        ]
        if len(fits) != 1:
            places = ", ".join(str(path.relative_to(package)) for path, _ in fits) or "nowhere"
            raise LookupError(f"the mutant must fit in one place, and fits in: {places}\n{self.find}")
        ((path, match),) = fits
        text = match.string
        line = text[: match.start("target")].rpartition("\n")[2]
        indent = line[: len(line) - len(line.lstrip())]
        put = re.sub(r"\$(\w+)", lambda name: match[name[1]], self.put).replace("\n", f"\n{indent}")
        return path, text[: match.start("target")] + put + text[match.end("target") :]


def _pattern(find: str) -> str:
    names: set[str] = set()

    def part(token: str) -> str:
        if token in ("<<", ">>"):
            return "(?P<target>" if token == "<<" else ")"
        if token == "...":
            return ".{0,700}?"
        if token.isspace():
            return r"\s+"
        if token.startswith("$"):
            name = token[1:]
            if name in names:
                return f"(?P={name})"
            names.add(name)
            return rf"(?P<{name}>(?!(?:{'|'.join(kwlist)})\b)[A-Za-z_][\w.]*)"
        return re.escape(token)

    return "".join(map(part, filter(None, re.split(r"(<<|>>|\$\w+|\.\.\.|\s+)", find))))


MUTANTS = {
    "a try of another Airflow is taken for an earlier one": Mutant(
        "if <<not self.is_later_than(campaign)>>:", "self.try_number == 1", (OTHER_AIRFLOW,)
    ),
    "an earlier list of this launch is not seen": Mutant(
        "if <<own and (first := rules.first_of_another_list($found, own[0]))>>:", "False", (OTHER_LIST,)
    ),
    "a retry does not see that its list was launched after another": Mutant(
        "return (yield from $adopt($standing, rules, <<rules.untouched_campaigns($found)>>)) def",
        "[]",
        (DECIDE,),
    ),
    "another Airflow's list is taken for one of an earlier try": Mutant(
        "own_try = <<own_tag.try_number if own_tag else self.try_number>>", "self.try_number", (DECIDE,)
    ),
    "a running campaign is cancelled for an earlier list": Mutant(
        "(one for one in $own if <<is_untouched(one) and>> not is_cancelled(one))", "", (DECIDE,)
    ),
    "a copy of the same name is cancelled": Mutant(
        "other: bool = <<yield HasOtherPeople(...)>> except", 'bool((yield Note("")))', (COPIES,)
    ),
    "a campaign with another name is trusted without its rows": Mutant(
        "if <<has_own_name or not $error.transient>>: return False raise", "True", (COPIES,)
    ),
    "a second campaign is left alone because its rows can't be read": Mutant(
        "if has_own_name or not $error.transient: return <<False>> raise", "True", (COPIES,)
    ),
    "a renamed campaign is set aside for a copy": Mutant(
        "for $pool in <<(own, others)>>:", "(own or others,)", (COPIES,)
    ),
    "a campaign that is listed twice is its own twin": Mutant(
        "if <<campaign.id == first.id>>: continue", "False", (RIVALS,)
    ),
    "a copy for a part of the people is cancelled": Mutant(
        "$same_size = <<self.has_phone_history or $have_same_size(one, other)>>", "True", (RIVALS,)
    ),
    "a second campaign with fewer people is never cancelled": Mutant(
        "$same_size = <<self.has_phone_history or>> $have_same_size(one, other)", "", (RIVALS,)
    ),
    "beside a copy with other people, the list is launched again": Mutant(
        "if $real: break else: <<raise OtherListError(>>", "str(", (COPIES,)
    ),
    "people of other lists are not seen in the rows": Mutant(
        "return <<not set(numbers).issuperset($page)>>", "False", ("test_same_people.py",)
    ),
    "a campaign that another try is launching is refused at once": Mutant(
        "look_until( GetCampaign(campaign.id), lambda $seen: not has_calls_to_launch($seen), <<seconds>> )",
        "0.001",
        (START,),
    ),
    "a campaign that was left to another list blocks the launch": Mutant(
        "if same_list and not <<(others and all(map(is_cancelled, same_list)))>>:", "False", (OTHER_LIST,)
    ),
    "a mapped list adopts the campaign of another list": Mutant(
        "_, missing = <<yield SharePeople(campaign.id, _total(campaign))>>", "1, 0", (ONE_KEY,)
    ),
    "a list that was launched at another place is launched anew": Mutant(
        "shared, _ = <<yield SharePeople(campaign.id, _total(campaign))>>", "0, 1", (OTHER_PLACE,)
    ),
    "nothing is looked up before the create": Mutant(
        "$found: FoundCampaigns = <<yield LookUp(patient=True)>> $noted = $identity.remembered",
        NOTHING,
        (DECIDE,),
    ),
    "a first look that fails counts as nothing found": Mutant(
        "<<$found: FoundCampaigns = yield LookUp(patient=True)>> $noted = $identity.remembered",
        f"try:\n    $found = yield LookUp(patient=True)\nexcept Exception:\n    $found = {NOTHING}",
        (DECIDE,),
    ),
    "what the first look found is not adopted": Mutant(
        "<<while not $standing.campaigns:>> if not $forms: $forms = yield from",
        "$standing.campaigns.clear()\nwhile not $standing.campaigns:",
        (DECIDE,),
    ),
    "a cancelled campaign counts as nothing found": Mutant(
        "while <<not $standing.campaigns>>: if not $forms: $forms = yield from",
        "not [one for one in $standing.campaigns if not one.is_cancelled]",
        (RIVALS,),
    ),
    "every error of the create counts as surely not taken": Mutant(
        "isinstance($error, <<(InvalidRequestError, NotSentError, RateLimitedError, RejectedError)>>)",
        "RevoxError",
        (DECIDE,),
    ),
    "nobody looks for a rival after the create": Mutant(
        "yield from check_tag_is_kept(...) return <<(yield from $look($created, $rules))>>",
        "Launched($created, adopted=False, reason=Reason.CREATED)",
        (DECIDE,),
    ),
    "the latest campaign stays": Mutant(
        "$left = sorted(($one for $one in $found if not is_cancelled($one)), key=$rank)<<>> if not $left",
        "[::-1]",
        (RIVALS,),
    ),
    "the later campaign is not cancelled": Mutant(
        "$success = <<yield Cancel($id)>> except RevoxError as $error: $problem = str($error)",
        "True",
        (RACE,),
    ),
    "a create without a clear answer is sent again within the try": Mutant(
        "repeatable=<<False>>, attempt=$attempt, retries=$limit", "True", (DECIDE,)
    ),
    "the create is sent again without a look": Mutant(
        "return (yield from $search($failure, $rules))...$found = <<yield LookUp(patient=True)>> $standing =",
        "$found",
        (DECIDE,),
    ),
    "an unconfirmed launch is not tried again": Mutant(
        "class LaunchUnconfirmedError($base):...transient = <<True>>", "False", (OUTAGE,)
    ),
    "the look-up overlooks campaigns of later tries": Mutant(
        "<<(?:-t(?P<try>[0-9]+))?>>(?:-x", "(?P<try>)", (TAG,)
    ),
    "the history applies although a campaign of the launch stands": Mutant(
        "$applies = <<not stands($standing)>>", "True", (LOOK,)
    ),
    "the history never applies": Mutant("$applies = <<not stands($standing)>>", "False", (LOOK,)),
    "a campaign whose counts the list leaves out is not asked for them": Mutant(
        "$found[$place] = <<yield from with_row_stats($campaign)>>", "$campaign", (LOOK,)
    ),
    "the create is sent again after a read timeout": Mutant(
        "$not_sent = (<<>>httpx.ConnectError,", "httpx.ReadTimeout, ", (NO_KEY_TIMED_OUT,)
    ),
    "the create is sent again after a reset": Mutant(
        "$not_sent = (<<>>httpx.ConnectError,", "httpx.ReadError, ", (NO_KEY_LOST,)
    ),
    "the client sends the create again without a look": Mutant(
        "retries=<<0 if $tag else None>>", "2", (NOT_TAKEN,)
    ),
    "the create is repeatable": Mutant(
        'Request( "POST", "/campaigns",...repeatable=<<False>>', "True", (NO_KEY_LOST,)
    ),
    "the create is sent again after any answer that is an error": Mutant(
        "isinstance($error, (NotSentError, <<RateLimitedError>>))", "AnswerError", (NO_KEY_ERROR,)
    ),
    "calls that were made already are launched again": Mutant(
        '$statuses: list[Status] = <<["not_launched"]>>', "[]", (SERVERS,)
    ),
    "the schedule is left out of the create without evidence": Mutant(
        "return <<[$form.DRAFT, *$unscheduled, $form.PAGE, $form.CALLS]>>", "[$form.CALLS]", (FORMS,)
    ),
    "days are sent to a server that may ignore them": Mutant(
        'if <<$newer_fields>>: $problem = ( "this Revox', "False", (FORMS,)
    ),
    "a draft is launched before its schedule": Mutant(
        "if <<is_draft($created)>>: $what =", "False", (FORMS,)
    ),
    "an answer that was lost is followed by another form": Mutant(
        "<<isinstance($error, RejectedError) and $error.status in (400, 422)>>",
        "isinstance($error, RevoxError)",
        (FORMS,),
    ),
    "what somebody has paused is launched": Mutant(
        "if <<($launch and $is_stopped($campaign)) or not $has_own_name>>:",
        "False",
        (START,),
    ),
    "what somebody has launched in part is completed": Mutant(
        "if <<not is_untouched($campaign)>>: raise PartlyLaunchedError", "False", (START,)
    ),
    "other people than those of this try are launched": Mutant(
        "yield ComparePeople(...else: return <<$same>> raise", "True", (START,)
    ),
    "a comparison that fails counts as the same people": Mutant(
        "yield ComparePeople(...except RevoxError as $error: <<$reason = str($error)>>",
        "return True",
        (START,),
    ),
    "what was launched at the first look is launched without the history": Mutant(
        "raise PartlyLaunchedError(...if <<not $history_applied>>:", "False", (START,)
    ),
    "what was cancelled counts beside what is created": Mutant(
        "<<[$one for $one in $found if not is_cancelled($one)] or $found>>", "$found", (START,)
    ),
    "the comparison takes what came for all rows": Mutant(
        "if <<$is_last and $total is not None and $rows != $total>>:", "False", (PEOPLE,)
    ),
    "the comparison reads one page": Mutant(
        "$is_last = <<$total is None>> or $rows == $total", "True", (PEOPLE,)
    ),
    "people are compared by how many they are": Mutant("return <<not any($left())>>", "True", (PEOPLE,)),
    "what waits is not launched": Mutant(
        "return <<is_draft($campaign) or $not_launched($campaign) > 0>>", "False", (START,)
    ),
    "a refused launch is not looked at": Mutant(
        "if <<not has_calls_to_launch($now)>>: return $now if is_paused($now): raise", "False", (START,)
    ),
    "a campaign is launched beside one that is launched and has called nobody so far": Mutant(
        "if may_have_called($other)<< or not (is_cancelled($other) or is_untouched($other))>>:"
        "...yield Cancel",
        "",
        (START,),
    ),
    "a campaign is launched beside one that has called people": Mutant(
        "if <<may_have_called($other) or not (is_cancelled($other) or is_untouched($other))>>:"
        "...yield Cancel",
        "False",
        (START,),
    ),
    "a killed task launches": Mutant("if <<not $is_killed()>>: return", "True", (SERVERS,)),
    "a cancelled rival is not seen to be so": Mutant(
        "if <<has_calls_to_launch($first) and $cancelled>>:", "False", (START,)
    ),
    "what waits stays although a later one calls people": Mutant(
        "return (<<is_untouched($campaign)>>, ", "False", (START,)
    ),
    # --- whose campaign it is ---
    "another list of this place is adopted at a first try": Mutant(
        "if <<not $self.is_later_than(campaign)>>: raise OtherListError", "False", (DECIDE,)
    ),
    "another list of this place is adopted in a mapped task": Mutant(
        "if <<$self.tag.is_mapped and not $self.is_empty>>: raise OtherListError", "False", (DECIDE,)
    ),
    "a list under another map index is not found": Mutant(
        "$tag.people == $self.tag.people<<>>]", " and $tag.place == $self.tag.place", (DECIDE,)
    ),
    "campaigns of other map indexes are adopted": Mutant(
        "$tag.place == <<$self.tag.place>>] if not", "$tag.place", (DECIDE,)
    ),
    "a campaign whose people differ is cancelled": Mutant(
        "<<$self.identity.have_same_list($one, $other)>> and $same_size and ($same_name", "True", (RIVALS,)
    ),
    "a copy made by hand is cancelled": Mutant(
        "have_same_list($one, $other) and $same_size and <<($same_name or $both_own)>>", "True", (RIVALS,)
    ),
    "a name that the server changed makes no twin": Mutant(
        "have_same_list($one, $other) and $same_size and (<<$same_name>> or $both_own)", "False", (RIVALS,)
    ),
    "a campaign that was renamed is forgotten": Mutant(
        "if <<$remembered is None or any(>>$campaign.id ==", "True or any(", (LOOK,)
    ),
    "a lost tag is not noticed": Mutant(
        "if <<$created.name is None or $identity.find($created)>>: return", "True", (FORMS,)
    ),
    "a list that lags is believed": Mutant(
        "if <<$found is None or not $is_listed($found)>>: $found = yield from", "$found is None", (DECIDE,)
    ),
    "a long name keeps its tag at the end": Mutant("if <<$longest(...) <= CUT_AT>> else", "True", (TAG,)),
    "the name is compared with its case": Mutant("html.unescape(name)).casefold()<<>>", ".upper()", (TAG,)),
    "a broken answer shows that a server is old": Mutant(
        "if <<$error.transient or $rules.newer_fields or not $rules.launch>>: raise return False",
        "False",
        (FORMS,),
    ),
    "408 counts as a refusal": Mutant("<<408: UnexpectedAnswerError,>>", "", (UNCLEAR_408,)),
}
