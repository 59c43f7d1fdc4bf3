package summary

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/engine"
)

// Go and SQL call the same customer by the same id.
func TestCustomerRule(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 3))
	pick := func(of string, n int) string {
		if i := r.IntN(n + 1); i > 0 {
			return fmt.Sprint(of, i)
		}
		return ""
	}
	var ids customerIDs
	parties := []party{{"", ""}, {"", "s9"}, {"t1", ""}}
	for range 60 {
		parties = append(parties, party{pick("t", 3), pick("s", 12)})
	}
	var rows []string
	for i, p := range parties {
		ids.see(p)
		rows = append(rows, fmt.Sprintf("(%d, nullif('%s', ''), nullif('%s', ''), 'name of %d')", i, p.tenant, p.Subscription, i))
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	file := filepath.Join(dir, "customers.parquet")
	if _, err := db.Write(t.Context(), "select * from (values "+strings.Join(rows, ", ")+") v(i, customer_tenant_id, subscription_id, customer_name)", file, ""); err != nil {
		t.Fatal(err)
	}
	reader, err := adhoc.Open(t.Context(), dir, []adhoc.Table{{Name: "customers", Files: []string{file}}}, adhoc.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	result, err := reader.Query(t.Context(), "select i, customer from customer_months order by i", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	n := 0
	for ; result.Next(); n++ {
		cell := result.Cells()[1]
		if want := ids.of(parties[n]); cell.S != want || cell.Null != (want == "") {
			t.Errorf("%+v is %q to SQL and %q to Go", parties[n], cell.S, want)
		}
	}
	if n != len(parties) {
		t.Errorf("%d rows of %d", n, len(parties))
	}
}
