-- scope_overlaps: one row per slice, subscription, day, billing account and profile whose rows do not count because an export whose scope contains
-- this one's, or another export of the same scope, holds rows there and comes first (SPEC 3.2d).
-- Why: a subscription's own export beside the billing account's would count its money twice. Both sides are trees: account, department, enrollment
-- account; account, profile, invoice section; account, customer; and management group, subscription, resource group. Siblings never hold the same
-- charge; a scope of the billing side can hold those of any resource. The wider scope wins, between equals the newest run. If both hold rows of one
-- subscription, a scope of the resource side lies in the wider one; rows without a subscription do not prove that, so they count as well. Rows
-- outside the days of their run are compared only with each other: outside_rows decides whether another run holds them. Of the runs of one scope,
-- only the recent ones displace others: older ones yield to them and displace nothing. Nothing yields to a delivery that itself yields: the newer
-- export before it may lack just these rows, of a group or a profile.
with known as (
  select s.slice_id, s.subscription_key, s.usage_date, s.billing_account_id, s.billing_profile_id, s.billing_account, s.billing_profile, s.export_group,
    s.scope, s.rival_scope, s.kind, s.scope_rank, s.submitted_at, s.is_outside, s.is_recent,
    case when s.scope like '%/billingaccounts/%' then split_part(split_part(s.scope, '/billingaccounts/', 2), '/', 1) else '' end as account_scope
  from shared_days s
  where not s.is_loose
),
pairs as (
  select n.slice_id, n.subscription_key, n.usage_date, n.billing_account_id, n.billing_profile_id,
    w.slice_id as other_id, w.billing_account_id as other_account_id, w.billing_profile_id as other_profile_id, w.scope_rank, w.submitted_at, w.export_group, 'wider_scope' as reason
  from known n
  join known w on w.subscription_key = n.subscription_key and w.usage_date = n.usage_date and w.is_outside = n.is_outside
  left join pair_days p
    on p.slice_id = n.slice_id and p.other_id = w.slice_id and p.subscription_key = n.subscription_key and p.usage_date = n.usage_date
  where w.kind <> 'resourcegroups' and w.is_recent
    and (n.billing_account = w.billing_account or n.billing_account = '' or w.billing_account = '')
    and (n.billing_profile = w.billing_profile or n.billing_profile = '' or w.billing_profile = '')
    and w.scope_rank > n.scope_rank
    and (n.kind <> 'resourcegroups' or p.shares_group or n.is_outside)
    and (
      (n.scope_rank < 4 and n.subscription_key <> '()')
      or (n.scope_rank >= 4 and (n.account_scope = w.account_scope or n.account_scope = '' or w.account_scope = '')
          and (w.kind = 'billingaccounts' or n.scope like w.scope || '/%'
               or (w.kind = 'departments' and n.kind = 'enrollmentaccounts' and n.scope not like '%/departments/%')))
    )
  union all
  select n.slice_id, n.subscription_key, n.usage_date, n.billing_account_id, n.billing_profile_id,
    w.slice_id as other_id, w.billing_account_id as other_account_id, w.billing_profile_id as other_profile_id, w.scope_rank, w.submitted_at, w.export_group, 'newer_run' as reason
  from known n
  join known w
    on w.subscription_key = n.subscription_key and w.usage_date = n.usage_date and w.is_outside = n.is_outside and w.rival_scope = n.rival_scope
  where w.is_recent and w.export_group <> n.export_group
    and (n.billing_account = w.billing_account or n.billing_account = '' or w.billing_account = '')
    and (n.billing_profile = w.billing_profile or n.billing_profile = '' or w.billing_profile = '')
    and (w.submitted_at > n.submitted_at or (w.submitted_at = n.submitted_at and w.export_group < n.export_group))
),
yielding as (
  select distinct p.slice_id, p.subscription_key, p.usage_date, p.billing_account_id, p.billing_profile_id
  from pairs p
  left join (select distinct r.slice_id, r.subscription_key, r.usage_date, r.billing_account_id, r.billing_profile_id from pairs r) q
    on q.slice_id = p.other_id and q.subscription_key = p.subscription_key and q.usage_date = p.usage_date
    and q.billing_account_id = p.other_account_id and q.billing_profile_id = p.other_profile_id
  where q.slice_id is null
)
select r.slice_id, r.subscription_key, r.usage_date, r.billing_account_id, r.billing_profile_id, r.other_id, r.reason
from (
  select p.slice_id, p.subscription_key, p.usage_date, p.billing_account_id, p.billing_profile_id, p.other_id, p.reason,
    row_number() over (
      partition by p.slice_id, p.subscription_key, p.usage_date, p.billing_account_id, p.billing_profile_id
      order by p.scope_rank desc nulls last, p.submitted_at desc nulls last, p.export_group asc nulls last, p.other_id asc nulls last
    ) as choice
  from pairs p
  left join yielding y
    on y.slice_id = p.other_id and y.subscription_key = p.subscription_key and y.usage_date = p.usage_date
    and y.billing_account_id = p.other_account_id and y.billing_profile_id = p.other_profile_id
  where y.slice_id is null
) r
where r.choice = 1
