package columnar

import "testing"

func TestColumnOf(t *testing.T) {
	for name, want := range map[string]string{"RunID": "run_id", "ID": "id", "IsWhole": "is_whole", "MPNID": "mpnid", "SHA256": "sha256", "SubscriptionIDs": "subscription_ids", "SKUPart": "sku_part"} {
		if got := ColumnOf(name); got != want {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	schema := Schema{{"src_file", String}, {"run_id", String}}
	type Source struct{ SrcFile int }
	if n := Numbers[struct {
		RunID int
		Source
	}](schema); n.RunID != 1 || n.SrcFile != 0 {
		t.Errorf("%+v", n)
	}
	for name, ask := range map[string]func(){
		"a field without a column": func() { Numbers[struct{ SrcFile, RunID, Other int }](schema) },
		"a column without a field": func() { Numbers[struct{ RunID int }](schema) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			ask()
		}()
	}
}
