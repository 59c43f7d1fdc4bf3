"""What an able user would write by hand in Polars to do the work of `pidledger run` once: straight.sql, statement for statement, run in the
data folder. Amounts are Decimal(38,18) from text to report, as exact as the script's; the spelling of the CSV is Polars's own."""
import os
import polars as pl

DEC, TIME = pl.Decimal(38, 18), pl.Datetime("us")
col, lit = pl.col, pl.lit
os.makedirs("straight-polars", exist_ok=True)


def lower(name): return col(name).str.to_lowercase()


def time(name): return col(name).str.slice(0, 26).str.strip_suffix("Z").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us")


# An ISO 8601 duration: PT1M3.8233128S.
def duration(name):
    def part(unit): return col(name).str.extract(r"([0-9.]+)" + unit, 1)
    seconds = part("S").cast(pl.Decimal(18, 7)).fill_null(0) * 1_000_000
    return pl.duration(hours=part("H").cast(pl.Int64).fill_null(0), minutes=part("M").cast(pl.Int64).fill_null(0), microseconds=seconds.round(0).cast(pl.Int64), time_unit="us")


def parents(name, segments): return col(name).str.extract(r"^((?:/[^/]+){%d})" % segments, 1)


def last(name): return col(name).str.extract(r"([^/]+)$", 1)


# 1. Usage
def amount(name): return col(name).cast(DEC)


texts = {"invoice_id": "invoiceId", "resource_id_raw": "ResourceId", "consumed_service": "consumedService", "unit": "unitOfMeasure", "currency": "billingCurrency",
         "pricing_currency": "pricingCurrency", "meter_id": "meterId", "meter_name": "meterName", "meter_category": "meterCategory", "meter_subcategory": "meterSubCategory",
         "service_family": "serviceFamily", "product_name": "ProductName", "charge_type": "chargeType", "pricing_model": "pricingModel", "publisher_type": "publisherType",
         "publisher_name": "publisherName", "frequency": "frequency", "billing_account_id": "billingAccountId", "billing_profile_id": "billingProfileId",
         "invoice_section_id": "invoiceSectionId", "benefit_id": "benefitId", "tags": "tags", "additional_info": "additionalInfo"}
days = {"usage_date": "date", "billing_period_start": "billingPeriodStartDate", "billing_period_end": "billingPeriodEndDate"}
amounts = {"quantity": "quantity", "billed_cost": "costInBillingCurrency", "effective_cost": "costInBillingCurrency", "cost_usd": "costInUsd",
           "list_cost": "paygCostInBillingCurrency", "exchange_rate": "exchangeRatePricingToBilling"}
usage = pl.scan_csv("exports/cost/**/*.csv", infer_schema=False).select(
    *[col(v).str.to_date("%m/%d/%Y").alias(k) for k, v in days.items()],
    *[amount(v).alias(k) for k, v in amounts.items()],
    *[col(v).alias(k) for k, v in texts.items()],
    resource_id=pl.concat_str(lit("/"), lower("ResourceId").str.strip_chars("/")).replace("/", None),
    subscription_id=lower("SubscriptionId"), resource_group=lower("resourceGroupName"),
).with_columns(month=col("usage_date").dt.strftime("%Y-%m")).with_row_index("usage_row").collect()

# 2. Evidence
activity = pl.scan_ndjson("exports/insights-activity-logs/**/PT1H.json", schema={
    "time": pl.String, "resourceId": pl.String, "operationName": pl.String, "resultType": pl.String, "resultSignature": pl.String, "correlationId": pl.String, "tenantId": pl.String,
}).select(ts=col("time"), resource_id=lower("resourceId"), operation=lower("operationName"), result="resultType", signature="resultSignature", correlation_id=lower("correlationId")).filter(
    (col("operation").str.ends_with("/write") & (col("result").is_in(["Success", "Failure"]) | (col("operation") == "microsoft.resources/deployments/write")))
    | (col("operation").str.ends_with("/delete") & (col("result") == "Success"))
).with_columns(ts=time("ts")).collect()


def documents(pattern, fields):
    import glob
    schema = {"value": pl.List(pl.Struct(fields))}
    return pl.concat(pl.read_json(f, schema=schema).explode("value").unnest("value") for f in sorted(glob.glob(pattern)))


ids = pl.List(pl.Struct({"id": pl.String}))
deployments = documents("exports/deployments/*.json", {"id": pl.String, "name": pl.String, "properties": pl.Struct({
    "provisioningState": pl.String, "timestamp": pl.String, "duration": pl.String, "correlationId": pl.String, "outputResources": ids, "dependencies": ids})}
).unnest("properties").select(
    dep_id=lower("id"), name="name", correlation_id=lower("correlationId"), state="provisioningState", start_ts=time("timestamp") - duration("duration"), end_ts=time("timestamp"),
    outputs=col("outputResources").list.eval(pl.element().struct.field("id").str.to_lowercase()),
    dependencies=col("dependencies").list.eval(pl.element().struct.field("id").str.to_lowercase()))
operations = documents("exports/operations/*.json", {"id": pl.String, "operationId": pl.String, "properties": pl.Struct({
    "provisioningOperation": pl.String, "provisioningState": pl.String, "timestamp": pl.String, "duration": pl.String, "targetResource": pl.Struct({"id": pl.String})})}
).unnest("properties").select(
    dep_id=lower("id").str.extract(r"^(.*)/operations/[^/]*$", 1), operation_id="operationId", prov_op="provisioningOperation", state="provisioningState",
    start_ts=time("timestamp") - duration("duration"), ts=time("timestamp"), target_id=col("targetResource").struct.field("id").str.to_lowercase())
requests = pl.scan_ndjson("exports/requests/*.jsonl", schema={"time": pl.String, "method": pl.String, "url": pl.String, "status": pl.Int64, "userAgent": pl.String, "correlationId": pl.String}).select(
    ts=time("time"), method=col("method").str.to_uppercase(), resource_id=lower("url").str.extract(r"^https?://[^/]+(/[^?]*)", 1), status="status", user_agent="userAgent",
    correlation_id=lower("correlationId")).collect()

registrations = pl.read_csv("registry.csv", infer_schema=False).select(
    lower("tracking_id").str.replace("^pid-", "").str.replace("-partnercenter$", ""), "mpn_id", "offer", "sku", "channel", col("registered_at").str.to_date(), col("retired_at").str.to_date())
exclusions = pl.read_csv("exclusions.csv", infer_schema=False).select(scope=lower("scope"), since=col("since").str.to_date().fill_null(pl.date(1, 1, 1))).group_by("scope").agg(col("since").min())
customers = pl.read_csv("customers.csv", infer_schema=False).select(lower("subscription_id"), lower("customer_tenant_id"), "customer_name")

# 3. Which request carries which tracking id
is_tree = col("operation") == "microsoft.resources/deployments/write"
windows = pl.concat([
    deployments.select("dep_id", "correlation_id", "start_ts", "end_ts"),
    activity.filter(is_tree).select(dep_id="resource_id", correlation_id="correlation_id", start_ts="ts", end_ts="ts"),
]).group_by("dep_id", "correlation_id").agg(w_start=col("start_ts").min(), w_end=col("end_ts").max())
operation_runs = operations.join(windows, on="dep_id").with_columns(
    distance=pl.max_horizontal(col("w_start") - col("ts"), col("ts") - col("w_end"), pl.duration(microseconds=0, time_unit="us"))
).sort("distance", "w_start", "correlation_id", descending=[False, True, False]).unique(["dep_id", "operation_id", "ts"], keep="first", maintain_order=True)


def named(frame, scope, ts): return frame.select(scope_id=scope, text=last(scope), correlation_id="correlation_id", ts=ts, source=lit(0), target_id=lit(None, pl.String))


sent = pl.concat([
    deployments.select(scope_id="dep_id", text=lower("name"), correlation_id="correlation_id", ts="start_ts", source=lit(0), target_id=lit(None, pl.String)),
    named(deployments.select("dependencies", "correlation_id", "start_ts").explode("dependencies").drop_nulls("dependencies"), "dependencies", "start_ts"),
    named(operation_runs.filter(col("target_id").str.contains("/providers/microsoft.resources/deployments/", literal=True)), "target_id", "start_ts"),
    named(activity.filter(is_tree), "resource_id", "ts"),
    requests.filter(col("method").is_in(["PUT", "PATCH", "POST", "DELETE"])).select(
        scope_id="resource_id", text=lower("user_agent"), correlation_id="correlation_id", ts="ts", source=lit(1), target_id="resource_id"),
]).filter(col("text").str.contains("pid-", literal=True))
GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
found = sent.with_row_index("n").with_columns(
    plain=col("text").str.extract_all(r"(^|[^0-9a-z])pid-" + GUID + "[0-9a-f]*").list.eval(pl.element().str.extract("pid-([0-9a-f-]+)", 1)),
    named=col("text").str.extract_all(r"(^|[^0-9a-z])pid-[0-9a-z_-]*?[0-9a-z]-partnercenter").list.eval(
        pl.element().filter(~pl.element().str.contains("pid-" + GUID)).str.extract("pid-(.+)-partnercenter", 1)))
found = found.with_columns(tracking_id=pl.concat_list("plain", "named").list.eval(pl.element().filter(
    (pl.element() != "00000000-0000-0000-0000-000000000000") & ~pl.element().str.contains("^" + GUID + "[0-9a-f]+$"))))
found = found.filter((col("tracking_id").list.len() > 0) | (col("source") == 1) | col("text").str.contains(r"^pid-(.*[-_])?[0-9a-f]{4,}([-_]|$)"))


def excluded(frame, scope, day): return frame.join(exclusions, left_on=scope, right_on="scope").filter(col(day).dt.date() >= col("since")).select("n")


found = found.with_columns(x_sub=col("scope_id").str.split("/").list.get(2, null_on_oob=True), x_group=col("scope_id").str.extract(r"^(/subscriptions/[^/]+/resourcegroups/[^/]+)", 1))
found = found.join(pl.concat([excluded(found, "x_sub", "ts"), excluded(found, "x_group", "ts")]), on="n", how="anti")
sightings = found.explode("tracking_id", empty_as_null=True).select("tracking_id", "source", "target_id", "correlation_id", "ts", is_partnercenter=col("text").str.contains("-partnercenter", literal=True))

request_starts = pl.concat([deployments.select("correlation_id", ts="start_ts"), activity.select("correlation_id", "ts"), requests.select("correlation_id", "ts")]).group_by("correlation_id").agg(begun=col("ts").min().dt.date())
shared = requests.filter(col("method") != "GET").group_by("correlation_id").agg(col("resource_id").n_unique()).filter(col("resource_id") > 1).select("correlation_id", many=lit(True))
tags = sightings.join(shared, on="correlation_id", how="left").with_columns(
    target_id=pl.when((col("source") == 1) & col("many").is_not_null()).then("target_id")
).group_by("correlation_id", "target_id", "tracking_id").agg(col("is_partnercenter").any(), col("source").min(), col("ts").min()).join(
    request_starts, on="correlation_id").join(registrations.with_columns(known=lit(True)), on="tracking_id", how="left").select(
    "correlation_id", "target_id", "tracking_id", "is_partnercenter", "source", tag_ts="ts", is_registered=col("known").fill_null(False),
    standing=pl.when(col("tracking_id").is_null()).then(lit("malformed"))
    .when(col("known").is_null() & (col("tracking_id") == "222c6c49-1b0a-5959-a213-6608f9eb8820")).then(lit("system"))
    .when(col("known").is_null() | (col("begun") > col("retired_at"))).then(lit("unregistered"))
    .when(col("begun") < col("registered_at")).then(lit("late")).otherwise(lit("attributed")))

# 4. Who owns which resource, and when
pair = ["resource_id", "correlation_id"]
written = pl.concat([
    operation_runs.filter((col("prov_op") == "Create") & (col("state") == "Succeeded")).select(resource_id="target_id", correlation_id="correlation_id", ts="start_ts"),
    activity.filter(
        col("operation").str.ends_with("/write") & (col("result") == "Success")
        & ~col("operation").str.contains(r"^microsoft\.(resources/tags|authorization|insights/diagnosticsettings)/")
    ).select(*pair, "ts"),
    requests.filter(col("method").is_in(["PUT", "PATCH"]) & col("status").is_between(200, 299)).join(activity, on=pair, how="anti").select(*pair, "ts"),
    deployments.filter(col("state") == "Succeeded").join(operation_runs, on=["dep_id", "correlation_id"], how="anti").select(resource_id="outputs", correlation_id="correlation_id", ts="start_ts").explode("resource_id"),
]).drop_nulls("resource_id").filter(
    ~col("resource_id").str.contains(r"/providers/microsoft\.(resources/deployments/|resources/tags/|authorization/|insights/diagnosticsettings/)[^/]*$")
).group_by(pair).agg(col("ts").min())
gone = activity.filter(col("operation").str.ends_with("/delete") & (col("result") == "Success") & (col("signature") != "Succeeded.NoContent")).select(gone="resource_id", ts="ts")
ever = written.select(col("resource_id").unique())
deletes = pl.concat(ever.with_columns(gone=e).join(gone, on="gone").select("resource_id", "ts") for e in (col("resource_id"), parents("resource_id", 4), parents("resource_id", 8))).unique()
first_usage = usage.filter((col("quantity") > 0) & (col("charge_type") == "Usage")).drop_nulls("resource_id").group_by("resource_id").agg(first_date=col("usage_date").min())

write_tags = written.select(pair).join(tags, on="correlation_id").filter(
    col("target_id").is_null() | pl.concat_str("resource_id", lit("/")).str.starts_with(pl.concat_str("target_id", lit("/"))).fill_null(False)).drop("target_id")
cut = pl.concat([written.with_columns(is_delete=lit(False)), deletes.select("resource_id", lit("").alias("correlation_id"), "ts", is_delete=lit(True))]).sort(
    "resource_id", "ts", "is_delete", "correlation_id", descending=[False, False, True, False]).with_columns(lifetime=col("is_delete").cum_sum().over("resource_id"))
rank = pl.when(col("standing") == "attributed").then(0).when(col("is_registered")).then(1).when(col("standing") == "unregistered").then(2).when(col("standing") == "system").then(3).otherwise(4)
spans = cut.filter(~col("is_delete")).join(write_tags, on=pair, how="left").with_columns(rank=rank).sort(
    "resource_id", "lifetime", "ts", "correlation_id", "rank", "is_partnercenter", "source", "tag_ts", "tracking_id",
    descending=[False, False, False, False, False, True, False, False, False], nulls_last=True,
).group_by("resource_id", "lifetime", maintain_order=True).agg(
    start_ts=col("ts").min(), last_ts=col("ts").max(), has_registered=col("is_registered").fill_null(False).any(),
    tracking_id=col("tracking_id").first(), standing=col("standing").first(), source=col("source").first(), correlation_id=col("correlation_id").first())
ends = spans.select("resource_id", "lifetime", "last_ts").join(deletes, on="resource_id").filter(col("ts") > col("last_ts")).group_by("resource_id", "lifetime").agg(end_ts=col("ts").min())
before = (col("lifetime") == 0) & (col("first_date") < col("start_ts").dt.date()).fill_null(False)
lifetimes = spans.join(ends, on=["resource_id", "lifetime"], how="left").join(first_usage, on="resource_id", how="left").select(
    "resource_id", "tracking_id", "correlation_id", "source", "start_ts", end_date=col("end_ts").dt.date().fill_null(pl.date(9999, 12, 31)), is_first=col("lifetime") == 0,
    status=pl.when(col("tracking_id").is_not_null() & ~before).then("standing").when("has_registered").then(lit("preexisting"))
    .when(col("standing") == "malformed").then(lit("malformed")).otherwise(lit("unattributed")))

# 5. Usage by resource and day
owned = lifetimes.select(col("resource_id").unique(), own=lit(True))
at_work = usage.select("resource_id", "usage_date").drop_nulls("resource_id").unique().with_columns(parent=parents("resource_id", 8)).join(owned, on="resource_id", how="left").join(
    owned.rename({"resource_id": "parent", "own": "above"}), on="parent", how="left").select(
    "resource_id", "usage_date", subject_id=pl.when(col("own").is_null() & col("above").is_not_null()).then("parent").otherwise("resource_id"))
owners = at_work.join(lifetimes, left_on="subject_id", right_on="resource_id").filter(
    ((col("status") == "preexisting") & col("is_first") | (col("usage_date") >= col("start_ts").dt.date())) & (col("usage_date") <= col("end_date"))
).sort("start_ts", "correlation_id", descending=[True, False]).unique(["resource_id", "usage_date"], keep="first", maintain_order=True).select(
    "resource_id", "usage_date", "tracking_id", "correlation_id", "status",
    method=pl.when(col("subject_id") != col("resource_id")).then(lit("inherited")).when(col("source") == 0).then(lit("template")).when(col("source") == 1).then(lit("user_agent")))


def opted_out(name): return exclusions.rename({"scope": name, "since": "x_" + name})


judged = usage.select("usage_row", "month", "usage_date", "resource_id", "subscription_id", "currency", "quantity", "billed_cost", "effective_cost", "cost_usd", "charge_type").with_columns(
    group_id=col("resource_id").str.extract(r"^(/subscriptions/[^/]+/resourcegroups/[^/]+)", 1)
).join(customers, on="subscription_id", how="left").join(owners, on=["resource_id", "usage_date"], how="left")
for name in ("subscription_id", "customer_tenant_id", "group_id"):
    judged = judged.join(opted_out(name), on=name, how="left")
out = pl.any_horizontal((col("usage_date") >= col("x_" + n)).fill_null(False) for n in ("subscription_id", "customer_tenant_id", "group_id"))
judged = judged.with_columns(status=pl.when(col("charge_type") != "Usage").then(lit("not_usage")).when(out).then(lit("excluded")).otherwise(col("status").fill_null("unattributed")))
attributed = judged.filter(col("status") == "attributed").join(registrations, on="tracking_id")

# 6. Reports
sums = [col("billed_cost").sum(), col("effective_cost").sum(), col("cost_usd").sum()]


def report(frame, name, keys, *more): frame.group_by(keys).agg(*sums, *more).sort(keys).write_csv(f"straight-polars/{name}.csv")


partner = ["mpn_id", "offer", "sku", "channel", "tracking_id", "currency"]
rows, resources, tenants = pl.len().alias("usage_rows"), col("resource_id").drop_nulls().n_unique().alias("resources"), col("customer_tenant_id").drop_nulls().n_unique().alias("customers")
report(attributed, "summary", ["month", *partner], rows, resources, col("subscription_id").n_unique().alias("subscriptions"), tenants,
       col("usage_date").min().alias("first_usage_date"), col("usage_date").max().alias("last_usage_date"))
report(attributed, "daily", ["usage_date", *partner], rows, resources)
keys = ["month", "mpn_id", "offer", "currency", "channel"]
months = attributed.group_by(keys).agg(*sums, tenants, deployments=col("correlation_id").filter(col("method").is_in(["template", "inherited"])).n_unique()).with_columns(
    share=(col("effective_cost").cast(pl.Float64) / col("effective_cost").cast(pl.Float64).sum().over(keys[:4])).round(6))
earlier = months.select(*keys[1:], was=col("effective_cost"), month=col("month").str.to_date("%Y-%m").dt.offset_by("1mo").dt.strftime("%Y-%m"))
months.join(earlier, on=keys, how="left").with_columns(growth=((col("effective_cost") - col("was")).cast(pl.Float64) / col("was").cast(pl.Float64)).round(6)).drop("was").sort(keys).write_csv("straight-polars/channels.csv")
report(attributed, "customers", ["month", "mpn_id", "offer", "channel", "customer_tenant_id", "subscription_id", "currency"], col("customer_name").max(), resources, col("usage_date").min().alias("first_usage_date"))
judged.group_by("month", "currency", "status").agg(
    pl.len().alias("usage_rows"), col("quantity").is_null().sum().alias("quantity_rows_null"), col("billed_cost").sum(), col("effective_cost").sum()
).sort("month", "currency", "status").write_csv("straight-polars/coverage.csv")
attributed.select("usage_row", "customer_tenant_id", "customer_name", "tracking_id", "mpn_id", "offer", "sku", "channel", "method", "correlation_id").join(usage, on="usage_row").lazy().sink_parquet(
    pl.PartitionBy("straight-polars/attributed_usage", key="month"), compression="zstd", compression_level=1, mkdir=True)
