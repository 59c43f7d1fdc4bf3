-- inputs_now: one row with digests of what the reports are made from besides usage; the digest of the settings and the program's version are
-- parameters. The customers file counts among the exclusions: it tells which subscriptions belong to a tenant that opted out.
select
  getvariable('settings') as settings,
  getvariable('program') as program,
  md5(concat_ws('|',
    (select coalesce(string_agg(cast(e as varchar), chr(10) order by cast(e as varchar)), '') from (select scope, since from exclusions) e),
    (select coalesce(string_agg(cast(c as varchar), chr(10) order by cast(c as varchar)), '') from (select subscription_id, customer_tenant_id from customers) c)
  )) as exclusions,
  (select md5(coalesce(string_agg(cast(r as varchar), chr(10) order by cast(r as varchar)), ''))
    from (select tracking_id, mpn_id, offer, sku, channel, registered_at, retired_at from registrations) r) as registry,
  (select coalesce(max(generation), 0) from evidence_generation) as evidence
