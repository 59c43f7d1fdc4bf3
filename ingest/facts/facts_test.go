package facts

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRows(t *testing.T) {
	if diff := cmp.Diff([][]string{{"x", "y, z"}, {"1", ""}}, Rows("a.csv", "a,b\nx,\"y, z\"\n1,\n")); diff != "" {
		t.Error(diff)
	}
	for name, text := range map[string]string{"empty.csv": "", "uneven.csv": "a,b\nx\n"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is taken", name)
				}
			}()
			Rows(name, text)
		}()
	}
}
