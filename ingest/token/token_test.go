package token

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pidledger/pidledger/ingest/azure"
)

const (
	g1   = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	g2   = "7a7b7c7d-1111-5222-9333-444455556666"
	zero = "00000000-0000-0000-0000-000000000000"
)

// brief writes tokens in one line each: `id kind suffix suffix_kind` or `text !reason`.
func brief(tokens []Token) []string {
	out := []string{}
	for _, t := range tokens {
		if t.Valid() {
			out = append(out, strings.Join([]string{t.ID, string(t.Kind), t.Suffix, string(t.SuffixKind)}, " "))
		} else {
			out = append(out, t.Text+" !"+string(t.Reason))
		}
	}
	return out
}

func TestFind(t *testing.T) {
	for _, tc := range []struct {
		name   string
		source Source
		text   string
		want   []string
	}{
		{"plain", DeploymentName, "pid-" + g1, []string{g1 + " guid  none"}},
		{"upper case", DeploymentName, "PID-" + strings.ToUpper(g1), []string{g1 + " guid  none"}},
		{"not at the start", DeploymentName, "contoso-pid-" + g1 + "-x", []string{g1 + " guid -x other"}},
		{"letter before", DeploymentName, "xpid-" + g1, nil},
		{"digit before", UserAgent, "1pid-" + g1, nil},
		{"other letter before", UserAgent, "épid-" + g1, []string{g1 + " guid  none"}},
		{"underscore before and after", UserAgent, "a_pid-" + g1 + "_6.2.0_000f", []string{g1 + " guid _6.2.0_000f other"}},
		{"word between", DeploymentName, "amba-alz-pid-Connectivity-" + g1, nil},
		{"letter after that is not a hex", UserAgent, "pid-" + g1 + "z", []string{g1 + " guid z other"}},
		{"slash after", UserAgent, "app/1 pid-" + g1 + "/1.0", []string{g1 + " guid  none"}},
		{"partnercenter", DeploymentName, "pid-" + g1 + "-partnercenter", []string{g1 + " guid -partnercenter partnercenter"}},
		{"longer than partnercenter", DeploymentName, "pid-" + g1 + "-partnercenter2", []string{g1 + " guid -partnercenter2 other"}},
		{"hash", DeploymentName, "pid-" + g1 + "-nx2c3rnlt2wru", []string{g1 + " guid -nx2c3rnlt2wru hash"}},
		{"hash without a digit", DeploymentName, "pid-" + g1 + "-abcdefghijklm", []string{g1 + " guid -abcdefghijklm hash"}},
		{"no hash: a digit that base 32 lacks", DeploymentName, "pid-" + g1 + "-nx1c3rnlt2wru", []string{g1 + " guid -nx1c3rnlt2wru other"}},
		{"hash and more", DeploymentName, "pid-" + g1 + "-nx2c3rnlt2wru-1", []string{g1 + " guid -nx2c3rnlt2wru-1 other"}},
		{"region", DeploymentName, "pid-" + g1 + "-EastUS2", []string{g1 + " guid -eastus2 region"}},
		{"region in the shape of a hash", DeploymentName, "pid-" + g1 + "-westcentralus", []string{g1 + " guid -westcentralus region"}},
		{"region after an underscore", DeploymentName, "pid-" + g1 + "_eastus2", []string{g1 + " guid _eastus2 other"}},
		{"brackets", DeploymentName, "pid-" + g1 + "(1)", []string{g1 + " guid (1) other"}},
		{"two", UserAgent, "pid-" + g1 + " pid-" + g2, []string{g1 + " guid  none", g2 + " guid  none"}},
		{"two, one character between", UserAgent, "pid-" + g1 + ",pid-" + g2, []string{g1 + " guid  none", g2 + " guid  none"}},
		{"two in one name", DeploymentName, "pid-" + g1 + "-pid-" + g2, []string{g1 + " guid -pid-" + g2 + " other", g2 + " guid  none"}},
		{"the same twice", UserAgent, "pid-" + g1 + " pid-" + g1, []string{g1 + " guid  none", g1 + " guid  none"}},

		{"words", DeploymentName, "pid-Contoso-MyOffer-partnercenter", []string{"contoso-myoffer partnercenter -partnercenter partnercenter"}},
		{"words with dots and brackets", DeploymentName, "pid-contoso.edge(preview)-partnercenter", []string{"contoso.edge(preview) partnercenter -partnercenter partnercenter"}},
		{"words with dots and brackets in brackets", UserAgent, "app/1 (pid-contoso.edge-v1.(x)-partnercenter)", []string{"contoso.edge-v1.(x) partnercenter -partnercenter partnercenter"}},
		{"words of 64 characters", UserAgent, "pid-" + strings.Repeat("contoso.", 8) + "-partnercenter", []string{strings.Repeat("contoso.", 8) + " partnercenter -partnercenter partnercenter"}},
		{"words that go on after partnercenter", UserAgent, "pid-a(b)-partnercenters.x/1", []string{"pid-a(b)-partnercenters.x !not_hex"}},
		{"brackets after a broken GUID", UserAgent, "app (pid-eb7927c8-dd66-43e1-b) x", []string{"pid-eb7927c8-dd66-43e1-b !truncated"}},
		{"words, two", UserAgent, "pid-a-partnercenter pid-b_1-partnercenter", []string{"a partnercenter -partnercenter partnercenter", "b_1 partnercenter -partnercenter partnercenter"}},
		{"words after a GUID", UserAgent, "pid-" + g1 + "-pid-b-partnercenter", []string{g1 + " guid -pid-b-partnercenter other"}},
		{"words, a letter after", DeploymentName, "pid-contoso-partnercenters", nil},
		{"words, more after", DeploymentName, "pid-contoso-partnercenter-2", []string{"contoso partnercenter -partnercenter partnercenter"}},
		{"no words", UserAgent, "pid--partnercenter", nil},
		{"words that were meant to be a GUID", UserAgent, "pid-eb7927c8-dd66-43e1-b0cf-c346a422063-partnercenter",
			[]string{"eb7927c8-dd66-43e1-b0cf-c346a422063 partnercenter -partnercenter partnercenter"}},

		{"nil", DeploymentName, "pid-" + zero, []string{"pid-" + zero + " !nil"}},
		{"nil with a suffix", UserAgent, "pid-" + zero + "-partnercenter", []string{"pid-" + zero + "-partnercenter !nil"}},
		{"nil inside a name", DeploymentName, "x-pid-" + zero, nil},
		{"nil, wrong length", UserAgent, "pid-0-0-0-0-0", []string{"pid-0-0-0-0-0 !nil"}},
		{"nil without hyphens", UserAgent, "pid-" + strings.ReplaceAll(zero, "-", ""), []string{"pid-" + strings.ReplaceAll(zero, "-", "") + " !nil"}},
		{"nil without hyphens, with a suffix", UserAgent, "pid-" + strings.ReplaceAll(zero, "-", "") + "_x", []string{"pid-" + strings.ReplaceAll(zero, "-", "") + "_x !nil"}},
		{"zeros, an empty group", UserAgent, "pid-0-0--0-0", []string{"pid-0-0--0-0 !not_hex"}},
		{"zeros that are not a GUID without hyphens", UserAgent, "pid-" + strings.Repeat("0", 31), []string{"pid-" + strings.Repeat("0", 31) + " !not_hex"}},
		{"no hyphens", UserAgent, "AZURECLI/2.60.0 pid-" + strings.ReplaceAll(g1, "-", ""), []string{"pid-" + strings.ReplaceAll(g1, "-", "") + " !not_hex"}},
		{"no hyphens in a name", DeploymentName, "pid-" + strings.ReplaceAll(g1, "-", ""), []string{"pid-" + strings.ReplaceAll(g1, "-", "") + " !not_hex"}},
		{"placeholder without hyphens", UserAgent, "pid-" + strings.Repeat("x", 32), []string{"pid-" + strings.Repeat("x", 32) + " !placeholder"}},
		{"placeholder", UserAgent, "pid-XXXXXXXX-xxxx-xxxx-xxxx-xxxxxxxxxxxx", []string{"pid-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx !placeholder"}},
		{"placeholder in part", DeploymentName, "pid-acce1e78-XXXX-XXXX-XXXX-XXXXXXXXXXXXX", []string{"pid-acce1e78-xxxx-xxxx-xxxx-xxxxxxxxxxxxx !placeholder"}},
		{"placeholder without hex in a name", DeploymentName, "pid-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", nil},
		{"truncated", UserAgent, "pid-eb7927c8-dd66-43e1-b azsdk-go/1", []string{"pid-eb7927c8-dd66-43e1-b !truncated"}},
		{"truncated after a separator", DeploymentName, "pid-eb7927c8-dd66-", []string{"pid-eb7927c8-dd66- !truncated"}},
		{"truncated in the first group", UserAgent, "pid-eb79", []string{"pid-eb79 !truncated"}},
		{"too few groups, one wrong", UserAgent, "pid-eb7927c-dd66", []string{"pid-eb7927c-dd66 !not_hex"}},
		{"too short: the guide's example", UserAgent, "pid-eb7927c8-dd66-43e1-b0cf-c346a422063", []string{"pid-eb7927c8-dd66-43e1-b0cf-c346a422063 !too_short"}},
		{"too long", DeploymentName, "pid-" + g1 + "0", []string{"pid-" + g1 + "0 !too_long"}},
		{"too long with a suffix", DeploymentName, "pid-" + g1 + "0-eastus", []string{"pid-" + g1 + "0-eastus !too_long"}},
		{"32 digits, first group short", UserAgent, "pid-0f1e2d3-c4b5a-6978-8796-a5b4c3d2e1f0", []string{"pid-0f1e2d3-c4b5a-6978-8796-a5b4c3d2e1f0 !too_short"}},
		{"32 digits, first group long", UserAgent, "pid-0f1e2d3c4-b5a-6978-8796-a5b4c3d2e1f0", []string{"pid-0f1e2d3c4-b5a-6978-8796-a5b4c3d2e1f0 !too_long"}},
		{"underscores between", UserAgent, "pid-" + strings.ReplaceAll(g1, "-", "_"), []string{"pid-" + strings.ReplaceAll(g1, "-", "_") + " !not_hex"}},
		{"not hex", DeploymentName, "pid-cb4deeec-0b0c-495e-96e6-bc4d62b4720g", []string{"pid-cb4deeec-0b0c-495e-96e6-bc4d62b4720g !not_hex"}},
		{"not hex, words in a User-Agent", UserAgent, "x/1 pid-fake-isv-tracking-guid.", []string{"pid-fake-isv-tracking-guid !not_hex"}},
		{"an empty group", UserAgent, "pid-eb7927c8--43e1-b0cf-c346a4220634", []string{"pid-eb7927c8--43e1-b0cf-c346a4220634 !not_hex"}},
		{"words in a name", DeploymentName, "pid-app-gateway-start-deployment", nil},
		{"four hex letters without a digit", DeploymentName, "pid-face-beef-deployment", nil},
		{"hex in the sixth group", DeploymentName, "pid-a-b-c-d-e-2018", nil},
		{"vanity", DeploymentName, "pid-couchbase-2018-4dbd-abcdefghijklm", []string{"pid-couchbase-2018-4dbd-abcdefghijklm !not_hex"}},
		{"malformed, then valid", UserAgent, "pid-nonsense pid-" + g1, []string{"pid-nonsense !not_hex", g1 + " guid  none"}},
		{"nothing after", UserAgent, "pid- pid-- pid-.", nil},
		{"nothing", UserAgent, "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.want == nil {
				tc.want = []string{}
			}
			if d := cmp.Diff(tc.want, brief(Find(tc.text, tc.source))); d != "" {
				t.Errorf("%s %q: %s", tc.source, tc.text, d)
			}
		})
	}
}

// Every row of the collection of real strings.
func TestSampleTokens(t *testing.T) {
	data, err := os.ReadFile("../../../shared/samples/tokens.tsv")
	if err != nil {
		t.Skip("the collection of real tokens is not here: ", err)
	}
	given := regexp.MustCompile(`^id:([^()]*)(\(.*\))?$`)
	reasons := map[string]Reason{"(malformed)": NotHex, "(truncated)": Truncated, "(31 hex)": TooShort}
	rows := strings.Split(strings.TrimSpace(string(data)), "\n")[1:]
	for _, row := range rows {
		f := strings.Split(row, "\t")
		id, kind, text, expected := f[0], f[1], f[3], f[4]
		if kind == "tf-partner_id" {
			n := Normalise(text)
			if expected == "none" && !n.Malformed() || expected != "none" && (n.ID != expected || n.Kind != KindGUID || n.Malformed()) {
				t.Errorf("%s: %q: %+v, want %s", id, text, n, expected)
			}
			continue
		}
		source := UserAgent
		if kind == "deployment" {
			source = DeploymentName
		}
		got := []string{}
		for _, k := range Find(text, source) {
			if k.Valid() {
				got = append(got, k.ID)
			} else {
				got = append(got, k.Text+" "+string(k.Reason))
			}
		}
		want := []string{}
		if m := given.FindStringSubmatch(expected); m != nil && m[2] == "" {
			want = append(want, m[1])
		} else if m != nil {
			r, ok := reasons[m[2]]
			if !ok {
				t.Fatalf("%s: unknown remark %s", id, m[2])
			}
			want = append(want, "pid-"+m[1]+" "+string(r))
		} else if expected != "none" {
			want = strings.Split(expected, ",")
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %q: %s", id, text, d)
		}
	}
	if len(rows) < 77 {
		t.Errorf("%d rows, want 77", len(rows))
	}
}

// randomText is rich in tokens, near misses and what may stand between them.
func randomText(r *rand.Rand) string {
	pieces := []string{
		"pid-", "PID-", "Pid-", g1, g2, strings.ToUpper(g1), zero, "-partnercenter", "-PartnerCenter", " ", "-", "_", ".", ",", "x", "7", "f", "é", "(", ")",
		"contoso", "pid", "eb7927c8-dd66-43e1-b", "eastus2", "-nx2c3rnlt2wru", "xxxx", "2018", "\xff", "İ", "0",
	}
	var b strings.Builder
	for range r.IntN(9) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestHashPattern(t *testing.T) {
	for _, s := range []string{"-nx2c3rnlt2wru", "-abcdefghijklm", "-nx1c3rnlt2wru", "-nx2c3rnlt2wr", "_nx2c3rnlt2wru", "-nx2c3rnlt2wruu", ""} {
		if isHash(s) != regexp.MustCompile(Hash).MatchString(s) {
			t.Errorf("%q", s)
		}
	}
}

// Properties that any text must have.
func checkProperties(t *testing.T, text string) {
	t.Helper()
	for _, source := range []Source{DeploymentName, UserAgent} {
		tokens := Find(text, source)
		low := azure.Lower(text)
		// Case does not matter.
		if d := cmp.Diff(tokens, Find(low, source)); d != "" {
			t.Fatalf("%q: lower case differs: %s", text, d)
		}
		for i, k := range tokens {
			if low[k.Start:k.Start+len(k.Text)] != k.Text {
				t.Fatalf("%q: %+v is not in the text", text, k)
			}
			if i > 0 && tokens[i-1].Start >= k.Start {
				t.Fatalf("%q: not in order", text)
			}
			if k.Start > 0 && azure.IsAlnum(low[k.Start-1]) {
				t.Fatalf("%q: %+v has no left boundary", text, k)
			}
			if k.Valid() == (k.ID == "") || k.Valid() == (k.SuffixKind == "") || k.Valid() == (k.Kind == "") {
				t.Fatalf("%q: %+v is neither valid nor malformed", text, k)
			}
			if k.Kind == KindGUID && (!azure.IsGUID(k.ID) || isNil(k.ID)) {
				t.Fatalf("%q: %+v", text, k)
			}
			if k.Valid() {
				// What is found can be registered, and is then the same.
				if n := Normalise(k.ID); k.Kind == KindGUID && (n.ID != k.ID || n.Malformed()) {
					t.Fatalf("%q: %+v normalises to %+v", text, k, n)
				}
				if n := Normalise(k.Text); n.ID != k.ID && !strings.HasSuffix(k.ID, partnerCenter) && !strings.HasPrefix(k.ID, prefix) {
					t.Fatalf("%q: %+v normalises to %+v", text, k, n)
				}
			}
		}
		// What stands around a token with a blank between changes nothing in a User-Agent; a letter before `pid-` takes it away.
		if source == UserAgent {
			with := Find("pid-"+g1+" "+text, source)
			if len(with) != len(tokens)+1 {
				t.Fatalf("%q: %d tokens, with one more before %d", text, len(tokens), len(with))
			}
			if len(tokens) > 0 && tokens[0].Start == 0 {
				if got := Find("x"+text, source); len(got) > 0 && got[0].Start == 1 {
					t.Fatalf("x%q: %+v", text, got[0])
				}
			}
		}
	}
}

func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for range 100_000 {
		checkProperties(t, randomText(r))
	}
}

func FuzzFind(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		f.Add(randomText(r))
	}
	f.Add("pid-" + g1 + "-pid-" + g2)
	f.Add("pid-pid-contoso-partnercenter")
	f.Fuzz(func(t *testing.T, text string) {
		checkProperties(t, text)
		Suggest(text, []string{g1, "contoso-myoffer"})
		Normalise(text)
	})
}

func BenchmarkFind(b *testing.B) {
	for _, bc := range []struct{ name, text string }{
		{"none", "azsdk-python-mgmt-compute/30.3.0 Python/3.11.4 (Linux-5.15.0-x86_64)"},
		{"one", "HashiCorp Terraform/1.9.0 (+https://www.terraform.io) terraform-provider-azurerm/4.0.0 pid-" + g1},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Find(bc.text, UserAgent)
			}
		})
	}
}
