-- straight: what an able user would write by hand in DuckDB to do the work of `pidledger run` once, run in the data folder.
-- Why: the yardstick of SPEC 9: the same files, the same exactness (every amount from text to DECIMAL(38,18)), the same rules for
-- deployment names, User-Agents, first writes, deletions, registrations and exclusions. It has no ledger: it keeps nothing for the
-- next day, checks no manifest, takes no other format, and stops at the first value that it cannot read.
set preserve_insertion_order = false;

-- 1. Usage

create temp table usage as
select
  strptime(date, '%m/%d/%Y')::date as usage_date,
  strptime(billingPeriodStartDate, '%m/%d/%Y')::date as billing_period_start,
  strptime(billingPeriodEndDate, '%m/%d/%Y')::date as billing_period_end,
  invoiceId as invoice_id,
  ResourceId as resource_id_raw,
  nullif('/' || lower(trim(ResourceId, '/')), '/') as resource_id,
  lower(SubscriptionId) as subscription_id,
  lower(resourceGroupName) as resource_group,
  consumedService as consumed_service,
  quantity::decimal(38,18) as quantity,
  unitOfMeasure as unit,
  costInBillingCurrency::decimal(38,18) as billed_cost,
  costInBillingCurrency::decimal(38,18) as effective_cost,
  billingCurrency as currency,
  costInUsd::decimal(38,18) as cost_usd,
  paygCostInBillingCurrency::decimal(38,18) as list_cost,
  pricingCurrency as pricing_currency,
  exchangeRatePricingToBilling::decimal(38,18) as exchange_rate,
  meterId as meter_id,
  meterName as meter_name,
  meterCategory as meter_category,
  meterSubCategory as meter_subcategory,
  serviceFamily as service_family,
  ProductName as product_name,
  chargeType as charge_type,
  pricingModel as pricing_model,
  publisherType as publisher_type,
  publisherName as publisher_name,
  frequency,
  billingAccountId as billing_account_id,
  billingProfileId as billing_profile_id,
  invoiceSectionId as invoice_section_id,
  benefitId as benefit_id,
  tags,
  additionalInfo as additional_info
from read_csv('exports/cost/**/*.csv', header = true, all_varchar = true, hive_partitioning = false);

-- 2. Evidence

create temp table activity as
select
  time as ts,
  lower(resourceId) as resource_id,
  lower(operationName) as operation,
  resultType as result,
  resultSignature as signature,
  lower(correlationId) as correlation_id,
  lower(tenantId) as tenant_id
from read_json('exports/insights-activity-logs/**/PT1H.json', format = 'newline_delimited', hive_partitioning = false,
  columns = {time: 'TIMESTAMP', resourceId: 'VARCHAR', operationName: 'VARCHAR', resultType: 'VARCHAR', resultSignature: 'VARCHAR', correlationId: 'VARCHAR', tenantId: 'VARCHAR'})
where (operationName ilike '%/write' and (resultType in ('Success', 'Failure') or operationName ilike 'microsoft.resources/deployments/write'))
  or (operationName ilike '%/delete' and resultType = 'Success');

-- An ISO 8601 duration: PT1M3.8233128S.
create temp macro iso_duration(d) as
  to_seconds(coalesce(try_cast(regexp_extract(d, '([0-9]+)H', 1) as bigint), 0) * 3600 + coalesce(try_cast(regexp_extract(d, '([0-9]+)M', 1) as bigint), 0) * 60)
  + to_microseconds(coalesce(try_cast(try_cast(regexp_extract(d, '([0-9.]+)S', 1) as decimal(18,7)) * 1000000 as bigint), 0));

create temp table deployments as
select
  lower(d.id) as dep_id,
  d.name,
  lower(d.properties.correlationId) as correlation_id,
  d.properties.provisioningState as state,
  d.properties.timestamp - iso_duration(d.properties.duration) as start_ts,
  d.properties.timestamp as end_ts,
  [lower(o.id) for o in d.properties.outputResources] as outputs,
  [lower(x.id) for x in d.properties.dependencies] as dependencies
from (
  select unnest(value) as d
  from read_json('exports/deployments/*.json', maximum_object_size = 67108864, hive_partitioning = false,
    columns = {value: 'STRUCT(id VARCHAR, name VARCHAR, properties STRUCT(provisioningState VARCHAR, "timestamp" TIMESTAMP, duration VARCHAR, correlationId VARCHAR, outputResources STRUCT(id VARCHAR)[], dependencies STRUCT(id VARCHAR)[]))[]'})
);

create temp table operations as
select
  lower(regexp_extract(o.id, '^(.*)/operations/[^/]*$', 1)) as dep_id,
  o.operationId as operation_id,
  o.properties.provisioningOperation as prov_op,
  o.properties.provisioningState as state,
  o.properties.timestamp - iso_duration(o.properties.duration) as start_ts,
  o.properties.timestamp as ts,
  lower(o.properties.targetResource.id) as target_id
from (
  select unnest(value) as o
  from read_json('exports/operations/*.json', maximum_object_size = 67108864, hive_partitioning = false,
    columns = {value: 'STRUCT(id VARCHAR, operationId VARCHAR, properties STRUCT(provisioningOperation VARCHAR, provisioningState VARCHAR, "timestamp" TIMESTAMP, duration VARCHAR, targetResource STRUCT(id VARCHAR)))[]'})
);

create temp table requests as
select
  time as ts,
  upper(method) as method,
  lower(regexp_extract(url, '^https?://[^/]+(/[^?]*)', 1)) as resource_id,
  status,
  userAgent as user_agent,
  lower(correlationId) as correlation_id
from read_json('exports/requests/*.jsonl', format = 'newline_delimited', hive_partitioning = false,
  columns = {time: 'TIMESTAMP', method: 'VARCHAR', url: 'VARCHAR', status: 'BIGINT', userAgent: 'VARCHAR', correlationId: 'VARCHAR'});

create temp table registrations as
select
  regexp_replace(regexp_replace(lower(tracking_id), '^pid-', ''), '-partnercenter$', '') as tracking_id,
  mpn_id, offer, sku, channel,
  registered_at::date as registered_at,
  retired_at::date as retired_at
from read_csv('registry.csv', header = true, all_varchar = true);

create temp table exclusions as
select lower(scope) as scope, min(coalesce(since::date, date '0001-01-01')) as since
from read_csv('exclusions.csv', header = true, all_varchar = true)
group by all;

create temp table customers as
select lower(subscription_id) as subscription_id, lower(customer_tenant_id) as customer_tenant_id, customer_name
from read_csv('customers.csv', header = true, all_varchar = true);

-- 3. Which request carries which tracking id

create temp table windows as
select dep_id, correlation_id, min(start_ts) as start_ts, max(end_ts) as end_ts
from (
  select dep_id, correlation_id, start_ts, end_ts from deployments
  union all
  select resource_id, correlation_id, ts, ts from activity where operation = 'microsoft.resources/deployments/write'
)
group by all;

create temp table operation_runs as
select o.*, w.correlation_id
from operations o
join windows w on w.dep_id = o.dep_id
qualify row_number() over (
  partition by o.dep_id, o.operation_id, o.ts
  order by greatest(w.start_ts - o.ts, o.ts - w.end_ts, interval 0 second), w.start_ts desc, w.correlation_id
) = 1;

create temp table sightings as
with texts as (
  select dep_id as scope_id, lower(name) as text, correlation_id, start_ts as ts, 0 as source, cast(null as varchar) as target_id from deployments
  union all
  select x.id, regexp_extract(x.id, '[^/]+$'), x.correlation_id, x.start_ts, 0, null
  from (select unnest(dependencies) as id, correlation_id, start_ts from deployments) x
  union all
  select target_id, regexp_extract(target_id, '[^/]+$'), correlation_id, start_ts, 0, null
  from operation_runs where target_id like '%/providers/microsoft.resources/deployments/%'
  union all
  select resource_id, regexp_extract(resource_id, '[^/]+$'), correlation_id, ts, 0, null
  from activity where operation = 'microsoft.resources/deployments/write'
  union all
  select resource_id, lower(user_agent), correlation_id, ts, 1, resource_id
  from requests where method in ('PUT', 'PATCH', 'POST', 'DELETE')
),
tokens as (
  select *,
    list_filter(
      list_concat(
        [regexp_extract(h, 'pid-([0-9a-f-]+)', 1) for h in regexp_extract_all(text, '(^|[^0-9a-z])pid-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[0-9a-f]*')],
        [regexp_extract(h, 'pid-(.+)-partnercenter', 1) for h in regexp_extract_all(text, '(^|[^0-9a-z])pid-[0-9a-z_-]*?[0-9a-z]-partnercenter')
         if not regexp_matches(h, 'pid-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')]),
      lambda t: t <> '00000000-0000-0000-0000-000000000000' and not regexp_matches(t, '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{13,}$')) as ids
  from texts
  where text like '%pid-%'
)
select unnest(case when len(ids) > 0 then ids else [null] end) as tracking_id, text like '%-partnercenter%' as is_partnercenter, source, target_id, correlation_id, ts, scope_id
from tokens
where (len(ids) > 0 or source = 1 or regexp_matches(text, '^pid-(.*[-_])?[0-9a-f]{4,}([-_]|$)'))
  and not exists (
    from exclusions x
    where cast(ts as date) >= x.since
      and (x.scope = split_part(scope_id, '/', 3) or x.scope = regexp_extract(scope_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+')));

create temp table request_starts as
select correlation_id, min(ts) as start_ts
from (
  select correlation_id, start_ts as ts from deployments
  union all select correlation_id, ts from activity
  union all select correlation_id, ts from requests
)
group by all;

create temp table tags as
select
  s.correlation_id, s.target_id, s.tracking_id, s.is_partnercenter, s.source, s.ts,
  case
    when s.tracking_id is null then 'malformed'
    when r.tracking_id is null and s.tracking_id = '222c6c49-1b0a-5959-a213-6608f9eb8820' then 'system'
    when r.tracking_id is null or cast(b.start_ts as date) > r.retired_at then 'unregistered'
    when cast(b.start_ts as date) < r.registered_at then 'late'
    else 'attributed'
  end as standing,
  r.tracking_id is not null as is_registered
from (
  select s.correlation_id, case when s.source = 1 and h.correlation_id is not null then s.target_id end as target_id, s.tracking_id,
    bool_or(s.is_partnercenter) as is_partnercenter, min(s.source) as source, min(s.ts) as ts
  from sightings s
  left join (select correlation_id from requests where method <> 'GET' group by all having count(distinct resource_id) > 1) h on h.correlation_id = s.correlation_id
  group by all
) s
join request_starts b on b.correlation_id = s.correlation_id
left join registrations r on r.tracking_id = s.tracking_id;

-- 4. Who owns which resource, and when

create temp table writes as
select resource_id, correlation_id, min(ts) as ts
from (
  select target_id as resource_id, correlation_id, start_ts as ts from operation_runs where prov_op = 'Create' and state = 'Succeeded'
  union all
  select resource_id, correlation_id, ts
  from activity
  where operation like '%/write' and result = 'Success' and not regexp_matches(operation, '^microsoft\.(resources/tags|authorization|insights/diagnosticsettings)/')
  union all
  select q.resource_id, q.correlation_id, q.ts
  from requests q
  where q.method in ('PUT', 'PATCH') and q.status between 200 and 299
    and not exists (from activity a where a.correlation_id = q.correlation_id and a.resource_id = q.resource_id)
  union all
  select unnest(d.outputs), d.correlation_id, d.start_ts
  from deployments d
  where d.state = 'Succeeded' and not exists (from operation_runs o where o.dep_id = d.dep_id and o.correlation_id = d.correlation_id)
)
where resource_id is not null
  and not regexp_matches(resource_id, '/providers/microsoft\.(resources/deployments/|resources/tags/|authorization/|insights/diagnosticsettings/)[^/]*$')
group by all;

create temp table deletes as
with gone as (
  select resource_id, ts from activity where operation like '%/delete' and result = 'Success' and signature <> 'Succeeded.NoContent'
),
written as (
  select distinct resource_id from writes
)
select w.resource_id, d.ts from written w join gone d on d.resource_id = w.resource_id
union
select w.resource_id, d.ts from written w join gone d on d.resource_id = regexp_extract(w.resource_id, '^(/[^/]+){4}')
union
select w.resource_id, d.ts from written w join gone d on d.resource_id = regexp_extract(w.resource_id, '^(/[^/]+){8}');

create temp table first_usage as
select resource_id, min(usage_date) as first_date
from usage
where quantity > 0 and charge_type = 'Usage' and resource_id is not null
group by all;

-- Joined on equality alone, then filtered: with the filter in a left join's condition it becomes a nested loop.
create temp table write_tags as
select w.resource_id, w.correlation_id, t.* exclude (correlation_id)
from writes w
join tags t on t.correlation_id = w.correlation_id
where t.target_id is null or starts_with(w.resource_id || '/', t.target_id || '/');

create temp table lifetimes as
with cut as (
  select w.*, coalesce(sum(case when is_delete then 1 else 0 end) over (partition by resource_id order by ts, is_delete desc, correlation_id), 0) as lifetime
  from (
    select resource_id, correlation_id, ts, false as is_delete from writes
    union all
    select resource_id, '', ts, true from deletes
  ) w
),
tagged as (
  select c.resource_id, c.lifetime, c.ts, c.correlation_id, t.tracking_id, t.standing, t.source, coalesce(t.is_registered, false) as is_registered,
    row_number() over (
      partition by c.resource_id, c.lifetime
      order by c.ts, c.correlation_id,
        case when t.standing = 'attributed' then 0 when t.is_registered then 1 when t.standing = 'unregistered' then 2 when t.standing = 'system' then 3 else 4 end,
        t.is_partnercenter desc, t.source, t.ts, t.tracking_id) as place
  from cut c
  left join write_tags t on t.resource_id = c.resource_id and t.correlation_id = c.correlation_id
  where not c.is_delete
),
spans as (
  select resource_id, lifetime, min(ts) as start_ts, max(ts) as last_ts, bool_or(is_registered) as has_registered,
    max(case when place = 1 then tracking_id end) as tracking_id,
    max(case when place = 1 then standing end) as standing,
    max(case when place = 1 then source end) as source,
    max(case when place = 1 then correlation_id end) as correlation_id
  from tagged
  group by all
)
select
  s.resource_id, s.tracking_id, s.correlation_id, s.source, s.start_ts,
  coalesce((select min(d.ts) from deletes d where d.resource_id = s.resource_id and d.ts > s.last_ts), timestamp '9999-12-31') as end_ts,
  case
    when s.tracking_id is not null and not (s.lifetime = 0 and coalesce(u.first_date < cast(s.start_ts as date), false)) then s.standing
    when s.has_registered then 'preexisting'
    when s.standing = 'malformed' then 'malformed'
    else 'unattributed'
  end as status,
  s.lifetime = 0 as is_first
from spans s
left join first_usage u on u.resource_id = s.resource_id;

-- 5. Usage by resource and day

create temp table owners as
select
  d.resource_id, d.usage_date, l.tracking_id, l.correlation_id, l.status,
  case when d.subject_id <> d.resource_id then 'inherited' when l.source = 0 then 'template' when l.source = 1 then 'user_agent' end as method
from (
  select r.resource_id, r.usage_date,
    case
      when o.resource_id is not null then r.resource_id
      when p.resource_id is not null then p.resource_id
      else r.resource_id
    end as subject_id
  from (select distinct resource_id, usage_date from usage where resource_id is not null) r
  left join (select distinct resource_id from lifetimes) o on o.resource_id = r.resource_id
  left join (select distinct resource_id from lifetimes) p on p.resource_id = regexp_extract(r.resource_id, '^(/[^/]+){8}')
) d
left join lifetimes l
  on l.resource_id = d.subject_id
  and d.usage_date between case when l.status = 'preexisting' and l.is_first then date '0001-01-01' else cast(l.start_ts as date) end and cast(l.end_ts as date)
qualify row_number() over (partition by d.resource_id, d.usage_date order by l.start_ts desc nulls last, l.correlation_id) = 1;

-- Only what the reports add up; the attributed rows get their other columns back by rowid.
create temp table judged as
select
  u.rowid as usage_row,
  strftime(u.usage_date, '%Y-%m') as month,
  u.usage_date,
  u.resource_id,
  u.subscription_id,
  u.currency,
  u.quantity is null as quantity_is_null,
  u.billed_cost,
  u.effective_cost,
  u.cost_usd,
  c.customer_tenant_id,
  c.customer_name,
  o.tracking_id,
  o.correlation_id,
  o.method,
  case
    when u.charge_type <> 'Usage' then 'not_usage'
    when xs.scope is not null or xt.scope is not null or xg.scope is not null then 'excluded'
    else coalesce(o.status, 'unattributed')
  end as status
from usage u
left join customers c on c.subscription_id = u.subscription_id
left join owners o on o.resource_id = u.resource_id and o.usage_date = u.usage_date
left join exclusions xs on xs.scope = u.subscription_id and u.usage_date >= xs.since
left join exclusions xt on xt.scope = c.customer_tenant_id and u.usage_date >= xt.since
left join exclusions xg on xg.scope = regexp_extract(u.resource_id, '^/subscriptions/[^/]+/resourcegroups/[^/]+') and u.usage_date >= xg.since;

create temp view attributed as
select j.*, r.mpn_id, r.offer, r.sku, r.channel
from judged j
join registrations r on r.tracking_id = j.tracking_id
where j.status = 'attributed';

-- 6. Reports

copy (
  select month, mpn_id, offer, sku, channel, tracking_id, currency,
    sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost, sum(cost_usd) as cost_usd, count(*) as usage_rows,
    count(distinct resource_id) as resources, count(distinct subscription_id) as subscriptions, count(distinct customer_tenant_id) as customers,
    min(usage_date) as first_usage_date, max(usage_date) as last_usage_date
  from attributed
  group by all
  order by all
) to 'straight/summary.csv' (header);

copy (
  select usage_date, mpn_id, offer, sku, channel, tracking_id, currency,
    sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost, sum(cost_usd) as cost_usd, count(*) as usage_rows, count(distinct resource_id) as resources
  from attributed
  group by all
  order by all
) to 'straight/daily.csv' (header);

copy (
  with months as (
    select month, mpn_id, offer, currency, channel,
      sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost, sum(cost_usd) as cost_usd,
      count(distinct customer_tenant_id) as customers, count(distinct case when method in ('template', 'inherited') then correlation_id end) as deployments
    from attributed
    group by all
  )
  select m.*,
    round(m.effective_cost::double / sum(m.effective_cost::double) over (partition by m.month, m.mpn_id, m.offer, m.currency), 6) as share,
    round((m.effective_cost - b.effective_cost)::double / b.effective_cost::double, 6) as growth
  from months m
  left join months b
    on b.month = strftime(strptime(m.month || '-01', '%Y-%m-%d') - interval 1 month, '%Y-%m')
    and (b.mpn_id, b.offer, b.currency, b.channel) = (m.mpn_id, m.offer, m.currency, m.channel)
  order by all
) to 'straight/channels.csv' (header);

copy (
  select month, mpn_id, offer, channel, customer_tenant_id, subscription_id, currency, max(customer_name) as customer_name,
    sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost, sum(cost_usd) as cost_usd, count(distinct resource_id) as resources, min(usage_date) as first_usage_date
  from attributed
  group by all
  order by all
) to 'straight/customers.csv' (header);

copy (
  select month, currency, status, count(*) as usage_rows, count(*) filter (quantity_is_null) as quantity_rows_null,
    sum(billed_cost) as billed_cost, sum(effective_cost) as effective_cost
  from judged
  group by all
  order by all
) to 'straight/coverage.csv' (header);

copy (
  select u.*, a.month, a.customer_tenant_id, a.customer_name, a.tracking_id, a.mpn_id, a.offer, a.sku, a.channel, a.method, a.correlation_id
  from attributed a
  join usage u on u.rowid = a.usage_row
) to 'straight/attributed_usage' (format parquet, compression zstd, partition_by (month), overwrite_or_ignore);
