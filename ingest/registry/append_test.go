package registry

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const anID = "2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f607"

func TestAppend(t *testing.T) {
	day := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	reg := Registration{TrackingID: anID, MPNID: "77", Offer: `Edge, "G"`, Channel: "github", RegisteredAt: day}
	for name, c := range map[string]struct{ text, added string }{
		"empty":          {"", "tracking_id,mpn_id,offer,sku,channel,description,registered_at,retired_at\n" + anID + `,77,"Edge, ""G""",,github,,2026-05-04,` + "\n"},
		"order":          {"# ours\n\nchannel,guid,offer,mpn_id,owner\nx,y,z,1,me\n", `github,` + anID + `,"Edge, ""G""",77,` + "\n"},
		"no end":         {"tracking_id,mpn_id,offer,channel", anID + `,77,"Edge, ""G""",github` + "\n"},
		"crlf semicolon": {"\ufefftracking_id;mpn_id;offer;channel\r\na;b;c;d\r\n", anID + `;77;"Edge, ""G""";github` + "\r\n"},
		"quotes":         {"\"tracking_id\",\"mpn_id\",\"offer\",\"channel\",\"sku\"\n\"a\",\"b\",\"c\",\"d\",\"\"\n", `"` + anID + `","77","Edge, ""G""","github",""` + "\n"},
		"twice":          {"tracking_id\tmpn_id\toffer\tchannel\tOffer\n", anID + "\t77\t\"Edge, \"\"G\"\"\"\tgithub\t\n"},
	} {
		out, added, err := Append([]byte(c.text), []Registration{reg})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(c.added, string(added)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if !bytes.HasPrefix(out, []byte(c.text)) || !bytes.HasSuffix(out, added) || len(out)-len(c.text)-len(added) > 1 {
			t.Errorf("%s: what was there changed: %q", name, out)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	reg := Registration{TrackingID: anID, MPNID: "1", Offer: "a", SKU: "s", Channel: "c"}
	for name, text := range map[string]string{
		"json": `[{"tracking_id":"a"}]`, "yaml": "- tracking_id: a\n  mpn_id: b\n", "utf-16": "\xff\xfet\x00", "no sku": "tracking_id,mpn_id,offer,channel\n", "comments": "# a\n",
	} {
		if _, _, err := Append([]byte(text), []Registration{reg}); !errors.Is(err, ErrNotAppendable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFree(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
	regs := []Registration{
		{TrackingID: "1", MPNID: "7", Offer: "Edge Box", SKU: "Pro", Channel: "GitHub"},
		{TrackingID: "2", MPNID: "7", Offer: "Edge Box", SKU: "Pro", Channel: "direct", RetiredAt: day(3)},
		{TrackingID: "3", MPNID: "7", Offer: "Edge Box", SKU: "Pro", Channel: "private", RetiredAt: day(4)},
		{TrackingID: "4", MPNID: "8", Offer: "Other", Channel: "github"},
	}
	free, held := Free(Cells([]string{"edge-box", "Other"}, []string{"pro"}, []string{"github", "direct", "private", "git hub"}), "7", regs, day(4))
	want := []Cell{{"Edge Box", "Pro", "direct"}, {"Other", "Pro", "GitHub"}, {"Other", "Pro", "direct"}, {"Other", "Pro", "private"}}
	if d := cmp.Diff(want, free); d != "" {
		t.Error(d)
	}
	if len(held) != 2 || held[0].TrackingID != "1" || held[1].TrackingID != "3" {
		t.Errorf("held %+v", held)
	}
	if got := Cells([]string{"a"}, nil, []string{"x", "y"}); len(got) != 2 || got[1].String() != "a, y" {
		t.Errorf("cells %v", got)
	}
}

func TestNewGUID(t *testing.T) {
	version4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 100 {
		id, err := newGUID(rand.Reader)
		if err != nil || !version4.MatchString(id) || seen[id] {
			t.Fatalf("%s, %v", id, err)
		}
		seen[id] = true
	}
	if id, err := newGUID(bytes.NewReader(make([]byte, 16))); err != nil || id != "00000000-0000-4000-8000-000000000000" {
		t.Errorf("%s, %v", id, err)
	}
	if _, err := newGUID(strings.NewReader("short")); err == nil {
		t.Error("made of nothing")
	}
}

func TestChannelTypo(t *testing.T) {
	for word, want := range map[string]string{"github": "", "Git Hub": "", "marketplce": "marketplace", "resellers": ""} {
		if got := ChannelTypo(word); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

// What was appended reads back as it was meant, whatever the values.
func FuzzAppend(f *testing.F) {
	f.Add("tracking_id,mpn_id,offer,channel\n", "a,b", "#c")
	f.Add("tracking_id;mpn_id;offer;channel\r\n", ` x"`, ";")
	f.Fuzz(func(t *testing.T, text, offer, channel string) {
		clean := func(s string) bool {
			return utf8.ValidString(s) && strings.TrimSpace(s) == s && s != "" && !strings.ContainsAny(s, "\x00\r\n\ufeff")
		}
		if !clean(offer) || !clean(channel) {
			return
		}
		dir := t.TempDir()
		before := filepath.Join(dir, "before.csv")
		if err := os.WriteFile(before, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		had, _, err := Registrations(before, Options{})
		if err != nil {
			return
		}
		out, _, err := Append([]byte(text), []Registration{{TrackingID: anID, MPNID: "1", Offer: offer, Channel: channel}})
		if err != nil {
			return
		}
		after := filepath.Join(dir, "after.csv")
		if err := os.WriteFile(after, out, 0o600); err != nil {
			t.Fatal(err)
		}
		has, _, err := Registrations(after, Options{})
		if err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		if len(has) != len(had)+1 || has[len(had)].Offer != offer || has[len(had)].Channel != channel || has[len(had)].TrackingID != anID {
			t.Fatalf("%q: %+v", out, has)
		}
	})
}
