"""Settings are read whole or refused whole."""

from __future__ import annotations

import stat
import threading

import pytest

from liftgate_server.plumbing.config import ConfigError, load_config, secret_file, settings_of


def test_the_default_is_a_sqlite_file_in_the_data_directory(tmp_path):
    config = load_config({"LIFTGATE_DATA": str(tmp_path / "data")})

    assert config.database_url == f"sqlite:///{tmp_path / 'data' / 'liftgate.db'}"
    assert (config.host, config.log_format, config.metrics) == ("127.0.0.1", "json", "loopback")


def test_every_bad_setting_is_named_at_once(tmp_path):
    environ = {
        "LIFTGATE_DATA": str(tmp_path),
        "LIFTGATE_PORT": "eighty",
        "LIFTGATE_WORKERS": "0",
        "LIFTGATE_DATABASE_URL": "mysql://localhost/x",
        "LIFTGATE_SECRET": "short",
        "LIFTGATE_LOG_FORMAT": "xml",
    }

    with pytest.raises(ConfigError) as refused:
        load_config(environ)

    assert {problem.partition(":")[0] for problem in refused.value.problems} == {
        "port",
        "workers",
        "database_url",
        "secret",
        "log_format",
    }


def test_the_first_start_makes_a_secret_that_only_its_owner_reads(tmp_path):
    first = load_config({"LIFTGATE_DATA": str(tmp_path)})
    second = load_config({"LIFTGATE_DATA": str(tmp_path)})

    assert first.secret == second.secret
    assert stat.S_IMODE(secret_file(tmp_path).stat().st_mode) == 0o600


def test_a_data_directory_that_is_made_is_closed_to_other_users(tmp_path):
    load_config({"LIFTGATE_DATA": str(tmp_path / "data")})

    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_two_first_starts_agree_on_one_secret(tmp_path):
    secrets: list[str] = []
    threads = [
        threading.Thread(target=lambda: secrets.append(load_config({"LIFTGATE_DATA": str(tmp_path)}).secret))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(secrets), len(set(secrets))) == (8, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_damaged_secret_is_refused_not_replaced(tmp_path):
    secret_file(tmp_path).write_text("x")

    with pytest.raises(ConfigError, match="damaged"):
        load_config({"LIFTGATE_DATA": str(tmp_path)})

    assert secret_file(tmp_path).read_text() == "x"


def test_a_file_is_overruled_by_the_environment_and_that_by_the_command_line(tmp_path):
    file = tmp_path / "liftgate.toml"
    file.write_text('port = 1000\nhost = "0.0.0.0"\nworkers = 3\n')
    environ = {"LIFTGATE_CONFIG": str(file), "LIFTGATE_DATA": str(tmp_path), "LIFTGATE_PORT": "2000"}

    config = load_config(environ, workers=4, threads=None)

    assert (config.host, config.port, config.workers) == ("0.0.0.0", 2000, 4)  # noqa: S104 - read, not bound


@pytest.mark.parametrize("content", ["prot = 1", "port = ", "port = true", 'port = "x"', "port = 70000"])
def test_a_bad_file_is_refused(tmp_path, content):
    file = tmp_path / "liftgate.toml"
    file.write_text(content)

    with pytest.raises(ConfigError):
        load_config({"LIFTGATE_CONFIG": str(file), "LIFTGATE_DATA": str(tmp_path)})


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        load_config({"LIFTGATE_CONFIG": str(tmp_path / "none.toml"), "LIFTGATE_DATA": str(tmp_path)})


def test_a_config_does_not_show_its_secrets(tmp_path):
    config = load_config(
        {"LIFTGATE_DATA": str(tmp_path), "LIFTGATE_DATABASE_URL": "postgresql://me:hunter2@host/db"}, secret="s" * 40
    )

    assert "hunter2" not in repr(config)
    assert "s" * 40 not in repr(config)


def test_a_worker_reads_what_its_parent_was_told(tmp_path):
    config = load_config({"LIFTGATE_DATA": str(tmp_path)}, port=1234, log_level="debug")

    assert load_config(settings_of(config)) == config


def test_a_file_that_is_edited_meanwhile_does_not_reach_a_worker(tmp_path):
    file = tmp_path / "liftgate.toml"
    file.write_text(f'data = "{tmp_path}"')
    environ = {"LIFTGATE_CONFIG": str(file)}
    config = load_config(environ)
    file.write_text("half a line")

    assert load_config(environ | settings_of(config)) == config
