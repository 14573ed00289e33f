import json

import pytest

from estimator.errors import OptionsError
from estimator.ranks.table import make_rank_table, read_servers, write_rank_table


def table(*servers):
    """A table of (server_id, rank_ids)."""
    return {
        "server_count": str(len(servers)),
        "server_list": [
            {
                "server_id": server,
                "device": [
                    {"device_id": str(index), "device_ip": "10.0.0.1", "rank_id": str(rank)}
                    for index, rank in enumerate(ranks)
                ],
            }
            for server, ranks in servers
        ],
        "status": "completed",
        "version": "1.0",
    }


@pytest.fixture
def write(tmp_path):
    def written(content):
        path = tmp_path / "table.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return written


class TestMaking:
    def test_eight_devices_have_the_addresses_of_modelzoos_tables(self):
        (server,) = make_rank_table(8)["server_list"]
        assert [device["device_ip"] for device in server["device"]] == [
            *(f"192.168.{network}.101" for network in (100, 101, 102, 103)),
            *(f"192.168.{network}.100" for network in (100, 101, 102, 103)),
        ]

    def test_all_values_are_text_as_the_vendors_tools_want_them(self):
        made = make_rank_table(2)
        assert (made["version"], made["status"], made["server_count"]) == ("1.0", "completed", "1")
        for device in made["server_list"][0]["device"]:
            assert all(isinstance(value, str) for value in device.values())

    def test_more_devices_than_a_server_has_need_a_table_of_the_users(self):
        with pytest.raises(OptionsError, match="--rank_table"):
            make_rank_table(9)

    def test_what_is_written_can_be_read(self, tmp_path):
        write_rank_table(str(tmp_path / "table.json"), 2)
        assert read_servers(str(tmp_path / "table.json")) == [
            ("127.0.0.1", "0"),
            ("127.0.0.1", "1"),
        ]


class TestReading:
    def test_ranks_come_in_order_with_their_server_and_device(self, write):
        path = write(table(("b", [2, 3]), ("a", [1, 0])))
        assert read_servers(path) == [("a", "1"), ("a", "0"), ("b", "0"), ("b", "1")]

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"server_list": [{}]}'])
    def test_what_is_no_table_is_named(self, write, content):
        path = write(content)
        with pytest.raises(OptionsError) as error:
            read_servers(path)
        assert path in str(error.value)
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize("ranks", [[0, 2], [1, 2], [0, 0]])
    def test_gaps_among_the_ranks_are_shown(self, write, ranks):
        with pytest.raises(OptionsError, match="without a gap"):
            read_servers(write(table(("a", ranks))))
