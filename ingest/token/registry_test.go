package token

import (
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	for _, tc := range []struct {
		in, id string
		kind   Kind
		reason Reason
	}{
		{g1, g1, KindGUID, ""},
		{" PID-0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0-PartnerCenter\t", g1, KindGUID, ""},
		{"pid-contoso-MyOffer-partnercenter", "contoso-myoffer", KindWords, ""},
		{"contoso-myoffer", "contoso-myoffer", KindWords, ""},
		{"contoso_2024-offer", "contoso_2024-offer", KindWords, ""},
		{"pid-Contoso.Edge(preview)-partnercenter", "contoso.edge(preview)", KindWords, ""},
		{"contoso.", "contoso.", KindWords, ""},
		{"face", "face", KindWords, ""},
		{zero, zero, KindGUID, Nil},
		{"pid-" + zero + "-partnercenter", zero, KindGUID, Nil},
		{"acce1e78-XXXX-XXXX-XXXX-XXXXXXXXXXXXX", "acce1e78-xxxx-xxxx-xxxx-xxxxxxxxxxxxx", KindGUID, Placeholder},
		{"pid-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx-partnercenter", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", KindGUID, Placeholder},
		{"eb7927c8-dd66-43e1-b0cf-c346a422063", "eb7927c8-dd66-43e1-b0cf-c346a422063", KindGUID, TooShort},
		{g1 + "0", g1 + "0", KindGUID, TooLong},
		{"eb7927c8-dd66-43e1-b", "eb7927c8-dd66-43e1-b", KindGUID, Truncated},
		{"cb4deeec-0b0c-495e-96e6-bc4d62b4720g", "cb4deeec-0b0c-495e-96e6-bc4d62b4720g", KindGUID, NotHex},
		{"eb7927c8dd6643e1b0cfc346a4220634", "eb7927c8dd6643e1b0cfc346a4220634", KindGUID, NotHex},
		{g1 + "-eastus2", g1 + "-eastus2", KindGUID, HasSuffix},
		{"", "", KindWords, BadID},
		{"pid-", "", KindWords, BadID},
		{"contoso offer", "contoso offer", KindWords, BadID},
		{"contoso-", "contoso-", KindWords, BadID},
		{"contoso_", "contoso_", KindWords, BadID},
		{"(" + g1 + ")", "(" + g1 + ")", KindGUID, NotHex},
		{"{" + g1 + "}", "{" + g1 + "}", KindWords, BadID},
		{"zürich", "zürich", KindWords, BadID},
	} {
		want := RegistryID{tc.id, tc.kind, tc.reason}
		if got := Normalise(tc.in); got != want {
			t.Errorf("%q: got %+v, want %+v", tc.in, got, want)
		}
	}
}

// A registered id that is not malformed is found again in a token made from it.
func TestRegisteredIsFound(t *testing.T) {
	for _, id := range []string{g1, "contoso-myoffer", "contoso_2024-offer", "x", "contoso.edge-(preview)", ".", strings.Repeat("a.(b)-c_", 8) + "z"} {
		n := Normalise(id)
		for _, source := range []Source{DeploymentName, UserAgent} {
			got := Find("pid-"+n.ID+"-partnercenter", source)
			if len(got) != 1 || got[0].ID != n.ID || got[0].Kind != n.Kind {
				t.Errorf("%s: %+v", id, got)
			}
		}
	}
}

func TestSuggest(t *testing.T) {
	ids := []string{g1, g2, "cb4deeec-0b0c-495e-96e6-bc4d62b47204", "e1cf4f58-9f8e-4ce0-8f29-d115ef24bd62", "e1cf4f58-9f8e-4ce0-9f29-d115ef24bd62", "contoso-myoffer", "face-bee-f0123"}
	for _, tc := range []struct{ token, want string }{
		{"pid-0f1e2d3c-4b5a-69", g1},
		{"pid-0F1E2D3C-4B5A-", g1},
		{"pid-0f1e2d3c", g1},
		{"pid-0f1e2d3", ""},                   // too little of it
		{"pid-e1cf4f58-9f8e-4ce0-", ""},       // two start with it
		{"pid-e1cf4f58-9f8e-4ce0-9f", ids[4]}, // one of the two
		{"pid-cb4deeec-0b0c-495e-96e6-bc4d62b4720g", ids[2]},
		{"pid-cb4deeec-0b0c-495e-96e6-bc4d62b4720", ids[2]},
		{"pid-cb4deeec-0b0c-495e-96e6-bc4d62b472044", ids[2]},
		{"pid-cb4deeec-0b0c-495e-96e6-bc4d62b4720g-eastus2", ids[2]},
		{"pid-cb4deeec-0b0c-495e-96e6-bc4d62b472zz", ""}, // two edits
		{"pid-0f1e2d3c4b5a69788796a5b4c3d2e1f0", g1},     // no hyphens
		{"pid-0F1E2D3C4B5A69788796A5B4C3D2E1F0", g1},
		{"pid-0f1e2d3c4b5a69788796a5b4c3d2e1f0-eastus2", g1},
		{"pid-0f1e2d3c4b5a69788796a5b4c3d2e1f", g1},    // and one digit less
		{"pid-0f1e2d3c4b5a69788796a5b4c3d2e1f00", g1},  // and one more
		{"pid-0f1e2d3c4b5a697887", g1},                 // and cut at 24 characters, as Go's SDK does
		{"pid-e1cf4f589f8e4ce0", ""},                   // two start so
		{"pid-0f1e2d3c4b5a69788796a5b4c3d2e1ff0f", ""}, // two digits are wrong
		{"pid-facebeef0123", ""},                       // words have their hyphens
		{"pid-contoso-myoffer", "contoso-myoffer"},     // -partnercenter was forgotten
		{"pid-contoso-myofer", "contoso-myoffer"},
		{g2, g2}, // missing_prefix
		{"pid-" + zero, ""},
		{"", ""},
	} {
		if got := Suggest(tc.token, ids); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.token, got, tc.want)
		}
	}
	near := []string{"bbbbbbbb1", "bbbbbbbb0"}
	if got := Suggest("pid-bbbbbbbb2", near); got != "bbbbbbbb0" {
		t.Errorf("of two that are near: %q", got)
	}
}

func TestOneEdit(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"", "a", true}, {"a", "", true}, {"ab", "ab", true}, {"ab", "ac", true}, {"ab", "b", true}, {"ab", "xab", true},
		{"ab", "ba", false}, {"ab", "abcd", false}, {"abc", "xbz", false}, {"abc", "bcx", false},
	} {
		if got := oneEdit(tc.a, tc.b); got != tc.want {
			t.Errorf("%q, %q: %v", tc.a, tc.b, got)
		}
	}
}
