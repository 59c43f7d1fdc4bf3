package terminal

import "testing"

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		`quantity "1,5" is not a decimal number`:                                   `quantity <masked> is not a decimal number`,
		`name "a \"b\" c": bad`:                                                    `name <masked>: bad`,
		"the same content as exports/0F1E2D3C-4b5a-6978-8796-a5b4c3d2e1f0/a.csv":   "the same content as exports/<masked>/a.csv",
		"late (scope /subscriptions/0f1e/resourceGroups/rg-contoso): nothing":      "late (scope <masked>): nothing",
		"x (scope /providers/microsoft.billing/billingaccounts/1:2_2019-05-31), y": "x (scope <masked>), y",
		"12 rows, billed 1.5":                                                      "12 rows, billed 1.5",
	} {
		if got := mask(text); got != want {
			t.Errorf("%q\n  got  %q\n  want %q", text, got, want)
		}
	}
}
