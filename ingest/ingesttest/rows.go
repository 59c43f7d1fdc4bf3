package ingesttest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/ingest"
)

const MOSPHeader = "SubscriptionGuid,ResourceGroup,UsageDateTime,MeterCategory,MeterId,UsageQuantity,PreTaxCost,InstanceId,Currency\n"

func MOSPRow(day int, cost, currency string) string {
	return fmt.Sprintf("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0,rg,2026-03-%02d,Storage,m1,1,%s,/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/st,%s\n", day, cost, currency)
}

const Run1, Run2 = "aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002"

// PacksFrom sets PackFrom for one test.
func PacksFrom(t *testing.T, n int) {
	t.Helper()
	before := ingest.PackFrom
	t.Cleanup(func() { ingest.PackFrom = before })
	ingest.PackFrom = n
}

const (
	PackedOne   = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" // the subscription of MOSPRow
	PackedOther = "1a2b3c4d-4b5a-6978-8796-a5b4c3d2e1f0"
)

func OfOther(row string) string { return strings.ReplaceAll(row, PackedOne, PackedOther) }
