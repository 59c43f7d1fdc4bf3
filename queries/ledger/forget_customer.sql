-- removes forgotten customers from the small tables.
delete from rejects where names_forgotten(concat_ws(' ', path, value, reason));
delete from customers where names_forgotten(concat_ws(' ', subscription_id, customer_tenant_id))
