package engine

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/pidledger/pidledger/queries/columnar"
)

type askedPlace struct {
	File   string
	Record int64
}

type askedRow struct {
	RunID    string
	Day      time.Time
	Days     int32 `sql:"day_number"`
	DayText  string
	Started  time.Time
	TimeText string
	Cost     string
	Exact    columnar.Dec
	Share    string `sql:"share"`
	Rows     int
	IsWhole  bool
	Names    []string
	askedPlace
	Notes []string `sql:"-"`
}

const askedValues = `select 'r' as run_id, date '2026-03-01' as day, date '1970-01-03' as day_number, date '0001-01-01' as day_text,
	timestamp '2026-03-01 10:00:00.25' as started, timestamp '2026-03-01 10:00:00' as time_text, cast('-1200.50' as decimal(38,18)) as cost,
	cast(1.5 as decimal(38,18)) as exact, cast('0.333333' as decimal(38,6)) as share, cast(7 as hugeint) as rows, true as is_whole,
	['a', 'b'] as names, 'f.csv' as file, 3::smallint as record`

func TestAsk(t *testing.T) {
	db := open(t)
	got, err := Ask[askedRow](t.Context(), db, askedValues+" where ? = 'x' union all by name select null::varchar as run_id, null::varchar[] as names", "x")
	if err != nil {
		t.Fatal(err)
	}
	want := askedRow{
		RunID: "r", Day: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Days: 2, DayText: "0001-01-01", Started: time.Date(2026, 3, 1, 10, 0, 0, 250e6, time.UTC),
		TimeText: "2026-03-01T10:00:00Z", Cost: "-1200.5", Exact: decimal128.FromU64(1500000000000000000), Share: "0.333333", Rows: 7, IsWhole: true,
		Names: []string{"a", "b"}, askedPlace: askedPlace{"f.csv", 3},
	}
	if len(got) != 2 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("%+v", got)
	}
	if !reflect.DeepEqual(got[1], askedRow{}) {
		t.Errorf("NULL is %+v, not zero", got[1])
	}
}

// A pointer tells NULL from zero, and a single column needs no struct.
func TestAskNullAndSingle(t *testing.T) {
	db := open(t)
	type row struct {
		Text *string
		N    *int64
		At   *time.Time
	}
	got, err := Ask[row](t.Context(), db, "select '' as text, 0 as n, timestamp '1970-01-01' as at union all select null, null, null")
	if err != nil || len(got) != 2 || got[0].Text == nil || *got[0].N != 0 || !got[0].At.Equal(time.Unix(0, 0)) || got[1] != (row{}) {
		t.Errorf("%+v, %v", got, err)
	}
	if texts, err := Ask[string](t.Context(), db, "select 'a' union all select null"); err != nil || !reflect.DeepEqual(texts, []string{"a", ""}) {
		t.Errorf("%q, %v", texts, err)
	}
	if at, err := AskOne[time.Time](t.Context(), db, "select date '2026-03-01'"); err != nil || at.Month() != time.March {
		t.Errorf("%v, %v", at, err)
	}
	if none, err := AskOne[int64](t.Context(), db, "select 1 where false"); err != nil || none != nil {
		t.Errorf("%v, %v", none, err)
	}
	if _, err := AskOne[int64](t.Context(), db, "from range(2)"); err == nil {
		t.Error("two rows where one is asked for")
	}
	if _, err := Ask[int8](t.Context(), db, "select 128 as n"); err == nil || !strings.Contains(err.Error(), "128") {
		t.Errorf("128 in 8 bits: %v", err)
	}
	if _, err := Ask[string](t.Context(), db, "select error('broken') as text"); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a statement that fails on its way: %v", err)
	}
}

// A statement and a struct that do not fit are a mistake of the program, told with the names of both.
func TestAskMistakes(t *testing.T) {
	db := open(t)
	type two struct{ A, B int64 }
	for name, c := range map[string]struct {
		ask  func() error
		says []string
	}{
		"lacking":   {func() error { _, err := Ask[two](t.Context(), db, "select 1 as a"); return err }, []string{"columns a, b", "has a"}},
		"stranger":  {func() error { _, err := Ask[two](t.Context(), db, "select 1 as a, 2 as b, 3 as c"); return err }, []string{"columns a, b", "has a, b, c"}},
		"twice":     {func() error { _, err := Ask[two](t.Context(), db, "select 1 as a, 2 as b, 3 as a"); return err }, []string{"columns a, b", "has a, b, a"}},
		"no rows":   {func() error { _, err := Ask[two](t.Context(), db, "select 1 as a where false"); return err }, []string{"columns a, b", "has a"}},
		"type":      {func() error { _, err := Ask[two](t.Context(), db, "select 1 as a, 'x' as b"); return err }, []string{"column b", "String", "int64"}},
		"single":    {func() error { _, err := Ask[int64](t.Context(), db, "select 1 as a, 2 as b"); return err }, []string{"int64", "a, b"}},
		"unsettled": {func() error { _, err := Ask[struct{ a int64 }](t.Context(), db, "select 1 as a"); return err }, []string{"field a"}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				said := fmt.Sprint(recover())
				for _, s := range c.says {
					if !strings.Contains(said, s) {
						t.Errorf("%q does not say %q", said, s)
					}
				}
			}()
			t.Errorf("no panic: %v", c.ask())
		})
	}
}

// open opens a database that ends with the test.
func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A field without a name in SQL has the column of its name in JSON.
func TestAskByJSONNames(t *testing.T) {
	db := open(t)
	type row struct {
		Time string   `json:"ts"`
		Size int64    `json:"bytes,omitempty"`
		Name string   `json:"title" sql:"name"`
		Tags []string `json:"tags,omitempty" sql:"-"`
		Not  string   `json:"-"`
		Own  bool     `json:",omitempty"`
	}
	got, err := Ask[row](t.Context(), db, "select 'x' as ts, 7::bigint as bytes, 'n' as name, true as own")
	if want := []row{{Time: "x", Size: 7, Name: "n", Own: true}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}
