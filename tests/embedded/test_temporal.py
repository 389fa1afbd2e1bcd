"""The supervised Temporal has the namespace we need, once and again."""

from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from embedded.temporal import NAMESPACE, SEARCH_ATTRIBUTES, TemporalMissing, find_temporal, prepare_namespace, running_temporal


async def test_search_attributes_and_retention_are_set_and_set_again_without_harm(temporal_server: str) -> None:
    await prepare_namespace(temporal_server)
    await prepare_namespace(temporal_server)

    client = await Client.connect(temporal_server, namespace=NAMESPACE)
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=NAMESPACE))
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
    assert {name: listed.custom_attributes[name] for name in SEARCH_ATTRIBUTES} == SEARCH_ATTRIBUTES
    assert described.config.workflow_execution_retention_ttl.ToTimedelta().days == 90


async def test_another_namespace_gets_what_it_lacks(temporal_server: str) -> None:
    await prepare_namespace(temporal_server, "default")

    client = await Client.connect(temporal_server, namespace="default")
    listed = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    assert set(SEARCH_ATTRIBUTES) <= set(listed.custom_attributes)


def test_a_server_on_taken_ports_takes_others(temporal_server: str, tmp_path: Path) -> None:
    taken = int(temporal_server.rpartition(":")[2])

    with running_temporal(tmp_path / "temporal", headless=False, port=taken) as server:
        assert server.port != taken
        assert server.ui_url


def test_the_program_is_looked_for_where_one_is_told_and_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(TemporalMissing, match="DUKAO_TEMPORAL_BIN"):
        find_temporal(tmp_path / "temporal")
