from tests.contacts.conftest import memory, pa  # noqa: F401
