package adhoc

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// A statement of our own gives on a snapshot what it gives on the ledger: rows by the names of their columns.
func TestAsk(t *testing.T) {
	r, _, _ := testReader(t)
	type row struct {
		Month   string
		Cost    string
		Share   string
		Rows    int64
		Day     time.Time
		At      string
		IsWhole bool
		Names   []string
		Nothing *int64
		Ratio   string
	}
	got, err := Ask[row](t.Context(), r, `select month, cast(-1200.50 as decimal(10,2)) as cost, cast('0.333333' as decimal(38,6)) as share, sum(2) as rows,
		date '2026-03-01' as day, timestamp '2026-03-01 10:00:00.5' as at, true as is_whole, ['a', 'b'] as names, cast(null as bigint) as nothing, 0.5::double as ratio
		from summary where month = $month group by month`, map[string]string{"month": "2026-03"})
	want := []row{{
		Month: "2026-03", Cost: "-1200.5", Share: "0.333333", Rows: 2, Day: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), At: "2026-03-01T10:00:00.5Z",
		IsWhole: true, Names: []string{"a", "b"}, Ratio: "0.5",
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	for text, says := range map[string]string{
		"select 9223372036854775808::hugeint as n":             "column n",
		"select 1 as n from nowhere":                           "nowhere",
		"select $a::bigint as n":                               "no value for the parameter a",
		"select month.n from (select {'n': error('x')} month)": "x",
	} {
		if _, err := Ask[struct{ N int64 }](t.Context(), r, text, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := Ask[struct{ N string }](t.Context(), r, "select 1.5::decimal(38,19) as n", nil); err == nil || !strings.Contains(err.Error(), "DECIMAL(38,19)") {
		t.Errorf("a decimal that is too fine: %v", err)
	}
	if at, err := Ask[time.Time](t.Context(), r, "select 'infinity'::date", nil); err == nil {
		t.Errorf("a day after all days: %v", at)
	}
}
