"""`hccl.manage.api` and `hccl.split.api`: usable only once HCCL runs on the device."""

import os

from npu_standin import ranks
from npu_standin.recording import record

WORLD = "hccl_world_group"
_groups = {}
_running = False


def start():
    """Is called when a session on the device is about to begin."""
    global _running
    _running = True


def stop():
    """Forgets the groups, too."""
    global _running
    _running = False
    _groups.clear()


def get_rank_size(group=WORLD):
    return len(_members(group))


def get_rank_id(group=WORLD):
    return _members(group).index(_own_rank())


def get_local_rank_size(group=WORLD):
    """As if all ranks were in one server."""
    return len(_members(group))


def get_local_rank_id(group=WORLD):
    return _members(group).index(_own_rank())


def create_group(group, rank_num, rank_ids):
    _members(WORLD)
    if rank_num != len(rank_ids) or len(set(rank_ids)) != rank_num:
        raise ValueError(f"rank_num is {rank_num}, and rank_ids are {rank_ids}")
    _groups[group] = list(rank_ids)
    record("plugin", function="create_group", arguments=[group, rank_num, list(rank_ids)])


def destroy_group(group):
    _members(group)
    del _groups[group]


def get_world_rank_from_group_rank(group, group_rank_id):
    return _members(group)[group_rank_id]


def get_group_rank_from_world_rank(world_rank_id, group):
    return _members(group).index(world_rank_id)


def set_split_strategy_by_idx(idxList, group=WORLD):  # noqa: N803
    record("plugin", function="set_split_strategy_by_idx", arguments=[list(idxList), group])


def set_split_strategy_by_size(dataSizeList, group=WORLD):  # noqa: N803
    if sum(dataSizeList) != 100:
        raise ValueError(f"the sizes are percentages and have to sum to 100: {dataSizeList}")
    record("plugin", function="set_split_strategy_by_size", arguments=[list(dataSizeList), group])


def _own_rank():
    return int(os.environ.get("RANK_ID", "0"))


def _members(group):
    if not _running:
        raise RuntimeError("HCCL is not initialised: no session on the device has begun")
    if group == WORLD:
        return list(range(ranks.rank_size()))
    if group not in _groups:
        raise ValueError(f"there is no group {group}")
    return _groups[group]
