import json

import pytest

from estimator.errors import OptionsError
from estimator.ranks.table import read_servers, write_rank_table


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
    @pytest.fixture
    def made(self, tmp_path):
        """Writes a table where hccn.conf has some lines, or is missing; returns both."""

        def made(size, first_device=0, hccn=None):
            path, hccn_file = tmp_path / "table.json", tmp_path / "hccn.conf"
            if hccn is not None:
                hccn_file.write_text("\n".join(hccn) + "\n")
            source = write_rank_table(str(path), size, first_device, str(hccn_file))
            return json.loads(path.read_text()), source

        return made

    def addresses(self, table):
        (server,) = table["server_list"]
        return [device["device_ip"] for device in server["device"]]

    def test_without_a_file_eight_devices_have_the_addresses_of_modelzoos_tables(self, made):
        table, source = made(8)
        assert self.addresses(table) == [
            *(f"192.168.{network}.101" for network in (100, 101, 102, 103)),
            *(f"192.168.{network}.100" for network in (100, 101, 102, 103)),
        ]
        assert "ModelZoo" in source
        assert "--rank_table" in source

    def test_the_servers_own_addresses_are_taken_where_it_has_them(self, made):
        lines = ["# of the cards", "address_0=10.1.0.2", " address_1 = 10.1.0.3", "netmask_1=x"]
        table, source = made(2, hccn=lines)
        assert self.addresses(table) == ["10.1.0.2", "10.1.0.3"]
        assert source.endswith("hccn.conf")

    def test_devices_follow_the_first_and_ranks_count_from_0(self, made):
        table, _ = made(2, first_device=4, hccn=["address_4=10.1.0.6", "address_5=10.1.0.7"])
        (server,) = table["server_list"]
        assert [device["device_id"] for device in server["device"]] == ["4", "5"]
        assert [device["rank_id"] for device in server["device"]] == ["0", "1"]
        assert self.addresses(table) == ["10.1.0.6", "10.1.0.7"]

    def test_a_device_that_the_file_does_not_have_is_named(self, made, tmp_path):
        with pytest.raises(OptionsError, match="has no address_1; set it with hccn_tool"):
            made(2, hccn=["address_0=10.1.0.2"])
        assert not (tmp_path / "table.json").exists()

    def test_all_values_are_text_as_the_vendors_tools_want_them(self, made):
        table, _ = made(2)
        version = (table["version"], table["status"], table["server_count"])
        assert version == ("1.0", "completed", "1")
        for device in table["server_list"][0]["device"]:
            assert all(isinstance(value, str) for value in device.values())

    @pytest.mark.parametrize(("size", "first_device"), [(9, 0), (2, 7)])
    def test_devices_that_no_server_has_need_a_table_of_the_users(self, made, size, first_device):
        with pytest.raises(OptionsError, match="--rank_table"):
            made(size, first_device)

    def test_what_is_written_can_be_read(self, made, tmp_path):
        made(2)
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
