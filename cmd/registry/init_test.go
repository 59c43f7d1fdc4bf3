package registry

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// On a terminal init asks for what the flags leave open, and for nothing else.
func TestInitAsks(t *testing.T) {
	o := initOptions{offered: offered{mpn: "1234567"}}
	var asked bytes.Buffer
	if err := o.ask(strings.NewReader("Contoso\nEdge, Grid\nmarketplace,github\n"), &asked); err != nil {
		t.Fatal(err)
	}
	if err := o.check(""); err != nil {
		t.Fatal(err)
	}
	if o.partner != "Contoso" || !slices.Equal(o.offers, []string{"Edge", "Grid"}) || !slices.Equal(o.channels, []string{"marketplace", "github"}) {
		t.Errorf("the answers became %+v", o)
	}
	if strings.Contains(asked.String(), "MPN") || strings.Count(asked.String(), ": ") != 3 {
		t.Errorf("it asked %q", asked.String())
	}
	o = initOptions{}
	if err := o.ask(strings.NewReader("Contoso\n"), &asked); err != nil || o.check("") == nil {
		t.Errorf("an input that ends early: %v, and what was left open is not missed", err)
	}
}
