package chain

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pidledger/pidledger/queries"
)

var (
	mutateOneOf = flag.Int("mutate", 0, "change one thing at a time in the SQL steps, and run their cases on 1 of so many changes; 0: none")
	mutateStep  = flag.String("mutate-step", "", "only this step")
)

// equivalentsFile lists the changes that no case can tell from the original, and why.
const equivalentsFile = stepsFolder + "/equivalent.csv"

type equivalentKey struct{ file, change string }

// readEquivalents reads the list; every line gives a reason.
func readEquivalents() (map[equivalentKey]string, error) {
	f, err := os.Open(equivalentsFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", equivalentsFile, err)
	}
	out := map[equivalentKey]string{}
	for _, r := range rows[1:] {
		if len(r) != 3 || strings.TrimSpace(r[2]) == "" {
			return nil, fmt.Errorf("%s: %v: file, mutation and reason", equivalentsFile, r)
		}
		out[equivalentKey{r[0], r[1]}] = r[2]
	}
	return out, nil
}

// What is explained in equivalent.csv is still a change of the SQL files.
func TestEquivalentsAreThere(t *testing.T) {
	equivalents, err := readEquivalents()
	if err != nil {
		t.Fatal(err)
	}
	there := map[equivalentKey]bool{}
	for _, file := range stepFiles() {
		for _, m := range mutants(queries.Text(file)) {
			there[equivalentKey{file, m.change}] = true
		}
	}
	for key := range equivalents {
		if !there[key] {
			t.Errorf("%s: %s has no mutation %q (any more): take the line out", equivalentsFile, key.file, key.change)
		}
	}
}

// The mutants change what they say, each another thing, and leave texts and comments whole.
func TestMutants(t *testing.T) {
	const text = `-- x: a = b
select distinct x.a, coalesce(x.b, 0) as b
from x
left join y on y.a = x.a and (y.b < 3 or y.c is null)
where x.t like '%a = b%' -- and more
order by x.a asc nulls last, x.b desc nulls first`
	var got []string
	for _, m := range mutants(text) {
		got = append(got, fmt.Sprintf("%d %s", m.line, m.change))
	}
	want := []string{
		"2 select [distinct -> ] x.a,",
		"2 x.b, [0 -> 1] ) as b from",
		"2 select distinct [x.a -> null as a] , coalesce(x",
		"2 x.a, [coalesce(x.b, 0) -> null] as b from x",
		"2 a, coalesce( [x.b, 0 -> 0, x.b] ) as b from",
		"2 x.a, [coalesce(x.b, 0) -> x.b] as b from x",
		"2 x.a, [coalesce(x.b, 0) -> 0] as b from x",
		"4 as b from x [left -> ] join y on y",
		"4 on y.a [= -> <>] x.a and",
		"4 left join y on [y.a = x.a -> true] and (y.",
		"4 x.a and [(y.b < 3 or y.c is null) -> true] where x.t",
		"4 = x.a [and -> or] (y.b",
		"4 (y.b [< -> <=] 3 or y.",
		"4 (y.b [< -> >] 3 or y.",
		"4 y.b < [3 -> 4] or y.c",
		"4 y.c is [ -> not] null) where x",
		"4 .a and ( [y.b < 3 -> false] or y.c",
		"4 b < 3 or [y.c is null -> false] ) where x.",
		"4 .b < 3 [or -> and] y.c is",
		"5 where x.t [ -> not] like '%a = b%' order by",
		"5 x.t like ['%a = b%' -> 'a = b%'] order by x.",
		"5 x.t like ['%a = b%' -> '%a = b'] order by x.",
		"5 x.t like ['%a = b%' -> '%a = b%~'] order by x.",
		"5 is null) where [x.t like '%a = b%' -> true] order by x.",
		"6 by x.a [asc -> desc] nulls last, x",
		"6 .a asc nulls [last -> first] , x.b",
		"6 , x.b [desc -> asc] nulls first",
		"6 .b desc nulls [first -> last]",
		"6 like '%a = b%' order by [x.a asc nulls last, -> ] x.b desc",
		"6 a asc nulls last [, x.b desc nulls first -> ]",
	}
	slices.Sort(got)
	slices.Sort(want)
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("unexpected: %s", g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("missing: %s", w)
		}
	}
}

// A join that a later one, or a WHERE, makes inner anyway is not changed to a left join.
func TestMutantsOfJoins(t *testing.T) {
	for text, want := range map[string]int{
		"select 1 from x join y on y.a = x.a":                                                  1,
		"select 1 from x join y on y.a = x.a join z on z.b = y.b":                              1, // z
		"select 1 from x join y on y.a = x.a where y.b = 1":                                    0,
		"select 1 from x join y on y.a = x.a where y.b is null or x.c = 1":                     1,
		"select 1 from x join y on y.a = x.a where (y.b = 1 or x.c = 1) and y.d = 2":           0,
		"select 1 from x join y on y.a = x.a left join z on z.b = y.b":                         1,
		"select 1 from x join (select 2 as a) y on y.a = x.a semi join z on z.b = y.a":         0,
		"select 1 from x join y on y.a = x.a union select 1 from y join z on y.a = z.a":        2,
		"select 1 from x join y on y.a = x.a left join z on z.b = y.b join w on w.b = y.b + 1": 1, // w
	} {
		got := 0
		for _, m := range mutants(text) {
			if strings.Contains(m.change, "[ -> left]") {
				got++
			}
		}
		if got != want {
			t.Errorf("%s: %d joins become left joins, expected %d", text, got, want)
		}
	}
}

// fate is what became of a mutant.
type fate int

const (
	survived fate = iota
	killed        // a case gives other rows, or fails
	invalid       // the engine does not take the SQL: no mutant
)

type tried struct {
	file string
	mutant
	fate fate
}

// TestMutate changes one thing at a time in the SQL steps and runs the cases of that step: a change that all cases survive is a rule
// without a case. `make mutate` runs it.
func TestMutate(t *testing.T) {
	if *mutateOneOf == 0 {
		t.Skip("make mutate runs it")
	}
	equivalents, err := readEquivalents()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	files := stepFiles()
	work := make(chan string)
	var mu sync.Mutex
	var all []tried
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			w, err := newStepWorld(t.Context())
			if err != nil {
				t.Error(err)
			}
			for step := range work {
				if err != nil {
					continue
				}
				got, err := w.mutate(t.Context(), step, files[step])
				if err != nil {
					t.Errorf("%s: %v", step, err)
				}
				mu.Lock()
				all = append(all, got...)
				mu.Unlock()
			}
			if err == nil {
				w.db.Close()
			}
		})
	}
	for _, step := range slices.Sorted(maps.Keys(files)) {
		if uncovered[step] == "" && (*mutateStep == "" || *mutateStep == step) {
			work <- step
		}
	}
	close(work)
	wg.Wait()

	slices.SortStableFunc(all, func(a, b tried) int { return strings.Compare(a.file, b.file) })
	counts := map[fate]int{}
	explained := 0
	for _, m := range all {
		counts[m.fate]++
		reason := equivalents[equivalentKey{m.file, m.change}]
		switch {
		case m.fate == survived && reason == "":
			t.Errorf("queries/%s:%d: no case notices %s", m.file, m.line, m.change)
		case m.fate == survived:
			explained++
		case reason != "":
			t.Errorf("%s: %s: a case notices %s: take the line out", equivalentsFile, m.file, m.change)
		}
	}
	valid := counts[killed] + counts[survived]
	t.Logf("%d changes (and %d that the engine refuses), %d killed = %.1f%%, %d survived, of which %d explained in equivalent.csv; %d s",
		valid, counts[invalid], counts[killed], 100*float64(counts[killed])/float64(max(valid, 1)), counts[survived], explained, int(time.Since(began).Seconds()))
}

// isRefusal tells the errors that the engine gives before it looks at any row.
var isRefusal = regexp.MustCompile(`(Parser|Binder|Catalog) Error`)

// mutate runs the cases of one step on its mutants.
func (w *stepWorld) mutate(ctx context.Context, step, file string) ([]tried, error) {
	cases, err := readCases()
	if err != nil {
		return nil, err
	}
	var all []tried
	for _, m := range mutants(queries.Text(file)) {
		h := fnv.New32a()
		fmt.Fprint(h, file, m.change)
		if h.Sum32()%uint32(*mutateOneOf) == 0 {
			all = append(all, tried{file: file, mutant: m})
		}
	}
	for _, c := range cases[step] {
		if err := w.open(ctx, c); err != nil {
			return nil, err
		}
		for j := range all {
			m := &all[j]
			if m.fate != survived {
				continue
			}
			got, err := w.rows(ctx, m.text, c)
			switch {
			case err != nil && isRefusal.MatchString(err.Error()):
				m.fate = invalid
			case err != nil || !slices.EqualFunc(got, c.rows, slices.Equal[[]string]):
				m.fate = killed
			}
		}
		if err := w.close(ctx, c); err != nil {
			return nil, err
		}
	}
	return all, nil
}
