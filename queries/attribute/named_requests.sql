-- named_requests: one row per request and tracking id that it carries in a deployment name.
-- Why: `channels.deployments` counts these; an id in a User-Agent does not make the request a deployment of the id (SPEC 6).
select distinct s.correlation_id, s.tracking_id
from sightings s
where s.source = 'deployment_name' and s.tracking_id is not null
