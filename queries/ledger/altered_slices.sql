-- one row per folder with a slice whose rows are not those that were loaded: something of what its days held then is not so now (days_now). A slice never
-- changes; its file was damaged since.
select distinct coalesce(p.pack, n.slice_id) as folder
from days_now n
left join slice_days d on d.slice_id = n.slice_id and d.subscription_key = n.subscription_key and d.usage_date = n.usage_date
  and d.cost_basis is not distinct from n.cost_basis and d.billing_account_id = n.billing_account_id and d.billing_profile_id = n.billing_profile_id
  and d.customer_tenant_id is not distinct from n.customer_tenant_id and d.currency is not distinct from n.currency
  and d.usage_rows = n.usage_rows and d.billed_cost is not distinct from n.billed_cost and d.effective_cost is not distinct from n.effective_cost
left join slice_packs p on p.slice_id = n.slice_id
where d.slice_id is null
order by folder
