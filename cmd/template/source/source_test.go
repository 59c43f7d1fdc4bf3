package source

import (
	"testing"
)

func TestIsSource(t *testing.T) {
	for name, want := range map[string]bool{
		"main.bicep": true, `C:\x\Deploy.PS1`: true, "a/Dockerfile": true, "x.tfvars": true, ".env": true,
		"azuredeploy.json": false, "offer.zip": false, "README.md": false,
	} {
		if got := IsSource(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
