-- named_requests: one row per request and tracking id that it carries in a deployment name.
-- Why: `channels.deployments` counts these; a User-Agent makes no deployment of the id (SPEC 6).
select distinct s.correlation_id, s.tracking_id
from sightings s
where s.source = 'deployment_name' and s.tracking_id is not null
