package evidence

import (
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// SourceColumns say where a row comes from: the shape, Options.File, and the record, row or line number there.
type SourceColumns struct{ SrcShape, SrcFile, SrcOrdinal int }

// The columns that the parser fills, by their numbers in the batches of a Sink.
var (
	depCol = columnar.Numbers[struct {
		DepID, Name, ScopeKind, SubscriptionID, ResourceGroup, CorrelationID, State, Mode, StartTS, EndTS, DurationMS int
		TemplateHash, TemplateLink, ErrorCode, OutputResourceIDs, NestedDeploymentIDs                                 int
		SourceColumns
	}](columnsOf("deployments"))

	opCol = columnar.Numbers[struct {
		DepID, OperationID, ProvOp, State, StatusCode, TS, DurationMS  int
		TargetID, TargetType, TargetName, TrackingID, ServiceRequestID int
		SourceColumns
	}](columnsOf("operations"))

	actCol = columnar.Numbers[struct {
		EventID, DedupeKey, EventTS, SubmitTS, CorrelationID, OperationID, Operation, OperationRaw, Category, Status, SubStatus, HTTPCode int
		ResourceID, ResourceType, SubscriptionID, ResourceGroup, Caller, ClientRequestID, Method, ServiceRequestID, TenantID              int
		ManagedBy, MoveTarget, MoveResources                                                                                              int
		SourceColumns
	}](columnsOf("activity"))

	chgCol = columnar.Numbers[struct {
		DedupeKey, TS, ResourceID, ResourceType, SubscriptionID, ChangeType, CorrelationID, ChangedBy, ClientType, Operation int
		SourceColumns
	}](columnsOf("changes"))

	reqCol = columnar.Numbers[struct {
		DedupeKey, TS, Method, URL, ResourceID, UserAgent, CorrelationID, ReqCorrelationID, RespCorrelationID int
		ClientRequestID, ServiceRequestID, Status                                                             int
		SourceColumns
	}](columnsOf("requests"))
)

// columnsOf returns the columns of a canonical table that are staged, as queries/evidence_columns.csv describes them.
func columnsOf(table string) (columns columnar.Schema) {
	for _, c := range queries.EvidenceColumns(table) {
		if c.IsStaged {
			columns = append(columns, columnar.Column{Name: c.Name, Type: columnar.TypeOf(c.Type)})
		}
	}
	return columns
}

// Sink takes the canonical rows; the caller writes and resets its batches.
type Sink struct {
	Deployments, Operations, Activity, Changes, Requests *columnar.Batch
}

// NewSink returns a sink with empty batches.
func NewSink() *Sink {
	batch := func(table string) *columnar.Batch {
		b := columnar.NewBatch(columnsOf(table))
		b.MaxText = maxText
		return b
	}
	return &Sink{batch("deployments"), batch("operations"), batch("activity"), batch("changes"), batch("requests")}
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
