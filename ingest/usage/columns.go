package usage

import (
	"fmt"

	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/columnar"
)

// Columns is the canonical usage row, as queries/usage_columns.csv describes it. Every column may be NULL except source_kind, row_no,
// usage_date, billing_period, resource_id_kind, charge_class, is_usage and tags.
var Columns = func() (columns columnar.Schema) {
	for _, c := range queries.UsageColumns() {
		columns = append(columns, columnar.Column{Name: c.Name, Type: columnar.TypeOf(c.Type)})
	}
	return columns
}()

// The columns that are worked out, by their place in Columns. Those that hold a cell as it is are in plainColumns.
var (
	colSourceKind    = column("source_kind")
	colSchemaVersion = column("schema_version")
	colCostBasis     = column("cost_basis")
	colScope         = column("scope")
	colExportName    = column("export_name")
	colRunID         = column("run_id")
	colSubmittedAt   = column("submitted_at")
	colBlobName      = column("blob_name")
	colRowNo         = column("row_no")
	colSliceID       = column("slice_id")

	colUsageDate     = column("usage_date")
	colBillingPeriod = column("billing_period")
	colPeriodStart   = column("billing_period_start")
	colPeriodEnd     = column("billing_period_end")

	colResourceIDRaw  = column("resource_id_raw")
	colResourceID     = column("resource_id")
	colResourceIDKind = column("resource_id_kind")
	colSubscriptionID = column("subscription_id")
	colResourceGroup  = column("resource_group")
	colResourceType   = column("resource_type")

	colUnit          = column("unit")
	colChargeClass   = column("charge_class")
	colChargeTypeRaw = column("charge_type_raw")
	colIsUsage       = column("is_usage")
	colTags          = column("tags")
	colTagsRaw       = column("tags_raw")
	colExtra         = column("extra")
)

// column returns the place of a column. A name that is not there is a mistake of the program.
func column(name string) int {
	i := Columns.Index(name)
	if i < 0 {
		panic(fmt.Sprintf("usage_columns.csv has no column %s", name))
	}
	return i
}
