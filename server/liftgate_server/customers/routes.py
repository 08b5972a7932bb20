"""Customers, users and the MRR ledger over HTTP, and the list of this room's blueprints."""

from __future__ import annotations

from typing import Any

from liftgate_server.access.caller import Role
from liftgate_server.access.guard import current_caller, management, runtime
from liftgate_server.customers import examples, queries, service
from liftgate_server.customers.facts import Customer, CustomerUser, MrrChange
from liftgate_server.customers.grant_routes import grants_blueprint
from liftgate_server.customers.schemas import (
    CustomerPageSchema,
    CustomerSchema,
    CustomerSearchArgs,
    CustomerUserPageSchema,
    CustomerUserSchema,
    MrrChangeArgs,
    MrrChangePageSchema,
    UpsertCustomerSchema,
    UpsertUserSchema,
)
from liftgate_server.customers.subscription_routes import subscriptions_blueprint
from liftgate_server.plumbing.http import Blueprint, PageArgs
from liftgate_server.plumbing.paging import Page

customers_blueprint = Blueprint("customers", __name__, description="Paying accounts and the people in them.")
mrr_blueprint = Blueprint("mrr", __name__, description="The ledger of monthly recurring revenue.")


@customers_blueprint.route("/v1/customers")
@management(Role.VIEWER)
@customers_blueprint.arguments(CustomerSearchArgs, location="query", as_kwargs=True)
@customers_blueprint.response(200, CustomerPageSchema, example=examples.page_of(examples.CUSTOMER))
def list_customers(**args: Any) -> Page[Customer]:
    """List customers by id, all or those whose id or name begins with the search."""
    return queries.search_customers(current_caller().environment_id, **args)


@customers_blueprint.route("/v1/customers/<customer>")
@management(Role.VIEWER)
@customers_blueprint.response(200, CustomerSchema, example=examples.CUSTOMER)
def get_customer(customer: str) -> Customer:
    """Read a customer."""
    return queries.customer(current_caller().environment_id, customer)


@customers_blueprint.route("/v1/customers/<customer>", methods=["PUT"])
@runtime
@customers_blueprint.arguments(UpsertCustomerSchema, example=examples.UPSERT_CUSTOMER)
@customers_blueprint.response(200, CustomerSchema, example=examples.CUSTOMER)
def upsert_customer(command: service.UpsertCustomer, customer: str) -> Customer:
    """Create a customer, or change what is named; what is absent stays."""
    return service.upsert_customer(current_caller().environment_id, customer, command)


@customers_blueprint.route("/v1/customers/<customer>/users")
@management(Role.VIEWER)
@customers_blueprint.arguments(PageArgs, location="query", as_kwargs=True)
@customers_blueprint.response(200, CustomerUserPageSchema, example=examples.page_of(examples.USER))
def list_users(customer: str, **page: Any) -> Page[CustomerUser]:
    """List the users of a customer by id."""
    return queries.users(current_caller().environment_id, customer, **page)


@customers_blueprint.route("/v1/customers/<customer>/users/<user>", methods=["PUT"])
@runtime
@customers_blueprint.arguments(UpsertUserSchema, example=examples.UPSERT_USER)
@customers_blueprint.response(200, CustomerUserSchema, example=examples.USER)
def upsert_user(command: service.UpsertUser, customer: str, user: str) -> CustomerUser:
    """Create a user of a customer, or change what is named; what is absent stays."""
    return service.upsert_user(current_caller().environment_id, customer, user, command)


@mrr_blueprint.route("/v1/mrr-changes")
@management(Role.VIEWER)
@mrr_blueprint.arguments(MrrChangeArgs, location="query", as_kwargs=True)
@mrr_blueprint.response(200, MrrChangePageSchema, example=examples.page_of(examples.MRR_CHANGE))
def list_mrr_changes(**args: Any) -> Page[MrrChange]:
    """List the changes of monthly recurring revenue in the order in which they took effect."""
    return queries.mrr_changes(current_caller().environment_id, **args)


blueprints = (customers_blueprint, subscriptions_blueprint, grants_blueprint, mrr_blueprint)
