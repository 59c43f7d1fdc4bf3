package cmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
)

// An id that is retired is found through the registry of the configuration.
func TestTemplateCheckRegistry(t *testing.T) {
	files := map[string]string{
		config.Name: "registry: ids.csv\n", "run.sh": "export AZURE_HTTP_USER_AGENT=pid-2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f607\n",
		"ids.csv": "tracking_id,mpn_id,offer,channel,retired_at\n2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f607,1,a,github,2020-01-01\n",
	}
	got := tryRun(t, "", files, nil, "template", "check", ".")
	if got.code != exit.Check || !bytes.Contains([]byte(got.out), []byte("error: R02")) {
		t.Errorf("%d %s %s", got.code, got.out, got.err)
	}
	files["ids.csv"] = "tracking_id,mpn_id,offer,channel\nnone,1,a,github\n\n"
	files["ids.csv"] += "2b41,1,a,b\n"
	if got := tryRun(t, "", files, nil, "template", "check", "."); got.code != exit.Usage {
		t.Errorf("%d %s %s", got.code, got.out, got.err)
	}
}

// A source that is named is checked with those of its folder that share names with it; they are not checked.
func TestSourcesBeside(t *testing.T) {
	files := map[string]string{
		"infra/main.tf": "provider \"azurerm\" {\n  partner_id = local.id\n}\n", "infra/ids.tf": "locals {\n  id = \"2b41c9a6-3d5e-4f70-8a91-b2c3d4e5f60\"\n}\nprovider \"azapi\" {}\n",
		"infra/deploy.sh": "curl -A pid-1234-5678 x\n",
	}
	got := tryRun(t, "", files, nil, "template", "check", "infra/main.tf")
	if got.code != exit.Check || strings.Count(got.out, "\n") != 1 || !strings.Contains(got.out, "U06") || !strings.Contains(got.err, "files checked: 1,") {
		t.Errorf("%d %s %s", got.code, got.out, got.err)
	}
}
