package evidence

import "github.com/pidledger/pidledger/queries/columnar"

// The canonical tables. Names and order are public (SPEC 3); in each, src_shape, src_file and src_ordinal say where a row comes from:
// the shape, Options.File, and the record, row or line number there.
var (
	// DeploymentColumns: duration_ms is NULL when the export has none, start_ts is then end_ts. dep_id is NULL when the export names
	// neither id nor subscription (PowerShell). output_resource_ids is NULL when the export has no such list.
	DeploymentColumns = columnar.Schema{
		{Name: "dep_id", Type: columnar.String},
		{Name: "name", Type: columnar.String},
		{Name: "scope_kind", Type: columnar.String}, // rg, sub, mg, tenant
		{Name: "subscription_id", Type: columnar.String},
		{Name: "resource_group", Type: columnar.String},
		{Name: "correlation_id", Type: columnar.String},
		{Name: "state", Type: columnar.String}, // provisioningState as written
		{Name: "mode", Type: columnar.String},  // Incremental, Complete
		{Name: "start_ts", Type: columnar.Timestamp},
		{Name: "end_ts", Type: columnar.Timestamp}, // last update
		{Name: "duration_ms", Type: columnar.Int},
		{Name: "template_hash", Type: columnar.String},
		{Name: "template_link", Type: columnar.String},
		{Name: "error_code", Type: columnar.String},
		{Name: "output_resource_ids", Type: columnar.StringList},
		{Name: "nested_deployment_ids", Type: columnar.StringList},
		{Name: "src_shape", Type: columnar.String},
		{Name: "src_file", Type: columnar.String},
		{Name: "src_ordinal", Type: columnar.Int},
	}

	// OperationColumns: prov_op and ts are NULL in PowerShell exports, which do not have them.
	OperationColumns = columnar.Schema{
		{Name: "dep_id", Type: columnar.String},
		{Name: "operation_id", Type: columnar.String},
		{Name: "prov_op", Type: columnar.String}, // provisioningOperation as written
		{Name: "state", Type: columnar.String},
		{Name: "status_code", Type: columnar.String}, // as written: OK, Created, ...
		{Name: "ts", Type: columnar.Timestamp},       // end of the operation
		{Name: "duration_ms", Type: columnar.Int},
		{Name: "target_id", Type: columnar.String},
		{Name: "target_type", Type: columnar.String}, // lower case
		{Name: "target_name", Type: columnar.String},
		{Name: "tracking_id", Type: columnar.String},
		{Name: "service_request_id", Type: columnar.String},
		{Name: "src_shape", Type: columnar.String},
		{Name: "src_file", Type: columnar.String},
		{Name: "src_ordinal", Type: columnar.Int},
	}

	// ActivityColumns: status is NULL when the record tells no outcome; http_code is NULL when it tells no code.
	ActivityColumns = columnar.Schema{
		{Name: "event_id", Type: columnar.String},
		{Name: "dedupe_key", Type: columnar.String},
		{Name: "event_ts", Type: columnar.Timestamp},
		{Name: "submit_ts", Type: columnar.Timestamp},
		{Name: "correlation_id", Type: columnar.String},
		{Name: "operation_id", Type: columnar.String},
		{Name: "operation", Type: columnar.String}, // lower case
		{Name: "operation_raw", Type: columnar.String},
		{Name: "category", Type: columnar.String},
		{Name: "status", Type: columnar.String}, // started, accepted, succeeded, failed, other
		{Name: "sub_status", Type: columnar.String},
		{Name: "http_code", Type: columnar.Int},
		{Name: "resource_id", Type: columnar.String},
		{Name: "resource_type", Type: columnar.String},
		{Name: "subscription_id", Type: columnar.String},
		{Name: "resource_group", Type: columnar.String},
		{Name: "caller", Type: columnar.String},
		{Name: "client_request_id", Type: columnar.String},
		{Name: "method", Type: columnar.String},
		{Name: "service_request_id", Type: columnar.String},
		{Name: "tenant_id", Type: columnar.String},
		{Name: "managed_by", Type: columnar.String},         // resource_id is a resource group, and this resource manages it
		{Name: "move_target", Type: columnar.String},        // resource group that a move goes to
		{Name: "move_resources", Type: columnar.StringList}, // ids that it moves
		{Name: "src_shape", Type: columnar.String},
		{Name: "src_file", Type: columnar.String},
		{Name: "src_ordinal", Type: columnar.Int},
	}

	// ChangeColumns holds resource changes of Resource Graph.
	ChangeColumns = columnar.Schema{
		{Name: "dedupe_key", Type: columnar.String},
		{Name: "ts", Type: columnar.Timestamp},
		{Name: "resource_id", Type: columnar.String},
		{Name: "resource_type", Type: columnar.String},
		{Name: "subscription_id", Type: columnar.String},
		{Name: "change_type", Type: columnar.String}, // create, update, delete
		{Name: "correlation_id", Type: columnar.String},
		{Name: "changed_by", Type: columnar.String},
		{Name: "client_type", Type: columnar.String},
		{Name: "operation", Type: columnar.String}, // lower case
		{Name: "src_shape", Type: columnar.String},
		{Name: "src_file", Type: columnar.String},
		{Name: "src_ordinal", Type: columnar.Int},
	}

	// RequestColumns: ts is NULL when a recording has no times. correlation_id is that of the response, else that of the request,
	// else the one a plain log names; the other two tell which.
	RequestColumns = columnar.Schema{
		{Name: "dedupe_key", Type: columnar.String},
		{Name: "ts", Type: columnar.Timestamp},
		{Name: "method", Type: columnar.String}, // upper case
		{Name: "url", Type: columnar.String},
		{Name: "resource_id", Type: columnar.String},
		{Name: "user_agent", Type: columnar.String},
		{Name: "correlation_id", Type: columnar.String},
		{Name: "req_correlation_id", Type: columnar.String},
		{Name: "resp_correlation_id", Type: columnar.String},
		{Name: "client_request_id", Type: columnar.String},
		{Name: "service_request_id", Type: columnar.String},
		{Name: "status", Type: columnar.Int},
		{Name: "src_shape", Type: columnar.String},
		{Name: "src_file", Type: columnar.String},
		{Name: "src_ordinal", Type: columnar.Int},
	}
)

// Sink takes the canonical rows. Batches must have the schemas above; the caller writes and resets them.
type Sink struct {
	Deployments, Operations, Activity, Changes, Requests *columnar.Batch
}

// NewSink returns a sink with empty batches.
func NewSink() *Sink {
	s := &Sink{
		Deployments: columnar.NewBatch(DeploymentColumns),
		Operations:  columnar.NewBatch(OperationColumns),
		Activity:    columnar.NewBatch(ActivityColumns),
		Changes:     columnar.NewBatch(ChangeColumns),
		Requests:    columnar.NewBatch(RequestColumns),
	}
	for _, b := range []*columnar.Batch{s.Deployments, s.Operations, s.Activity, s.Changes, s.Requests} {
		b.MaxText = maxText
	}
	return s
}

// maxText is the longest text of a record that is kept, in bytes. Headers and names in Azure have a few thousand characters at most; the steps
// keep 2,048 rows and more in memory at once.
const maxText = 128 << 10

// Batches returns the batches with the names of their tables, in a fixed order.
func (s *Sink) Batches() []Table {
	return []Table{
		{"deployments", s.Deployments},
		{"operations", s.Operations},
		{"activity", s.Activity},
		{"changes", s.Changes},
		{"requests", s.Requests},
	}
}

// Table is a batch of a Sink and the name of its canonical table.
type Table struct {
	Name  string
	Batch *columnar.Batch
}

// Rows returns the rows in all batches.
func (s *Sink) Rows() int {
	n := 0
	for _, t := range s.Batches() {
		n += t.Batch.Rows()
	}
	return n
}

// Reset empties all batches.
func (s *Sink) Reset() {
	for _, t := range s.Batches() {
		t.Batch.Reset()
	}
}
