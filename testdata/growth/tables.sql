create temp table seq as select r.i from range(getvariable('n')) r(i);
create temp macro guid(i) as lpad(to_hex(i + 4096), 8, '0') || '-1111-4111-8111-111111111111';
create temp macro hours(i) as timestamp '2026-01-01' + to_hours(i::int);
create temp macro days(i) as date '2026-01-01' + i::int;
create temp macro sub(name) as name || '-0000-4000-8000-000000000000';
create temp macro grp(name, g) as '/subscriptions/' || sub(name) || '/resourcegroups/' || g;
create temp macro vault(name, g, i) as grp(name, g) || '/providers/microsoft.keyvault/vaults/v' || i;
create temp macro dep(name, g, d) as grp(name, g) || '/providers/microsoft.resources/deployments/' || d;
create temp table uses (slice_id varchar, subscription_id varchar, resource_id varchar, usage_date date, tenant_id varchar);
