-- channel_requests: one row per line of channels, tracking id and request that owns usage of it.
-- Why: `channels.deployments` counts those that carry the id in a deployment name (SPEC 6).
select distinct c.month_start, c.mpn_id, c.offer, c.billing_currency as currency, c.channel, c.tracking_id, c.correlation_id
from credited_usage c
