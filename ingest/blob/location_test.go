package blob

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"az://contoso/exports":                                                "az://contoso/exports",
		"az://contoso/exports/cost/daily/":                                    "az://contoso/exports/cost/daily",
		"https://Contoso.blob.core.windows.net/exports/a%20b":                 "az://contoso/exports/a b",
		"https://contoso.dfs.core.windows.net/exports":                        "az://contoso/exports",
		"abfss://exports@contoso.dfs.core.windows.net/cost":                   "az://contoso/exports/cost",
		"wasbs://exports@contoso.blob.core.windows.net":                       "az://contoso/exports",
		"https://contoso.blob.core.usgovcloudapi.net/insights-logs-x/y":       "az://contoso.blob.core.usgovcloudapi.net/insights-logs-x/y",
		"az://contoso.blob.core.chinacloudapi.cn/exports/cost":                "az://contoso.blob.core.chinacloudapi.cn/exports/cost",
		"abfss://exports@contoso.dfs.core.chinacloudapi.cn/cost":              "az://contoso.blob.core.chinacloudapi.cn/exports/cost",
		"https://contoso.z12.blob.storage.azure.net/exports":                  "az://contoso.z12.blob.storage.azure.net/exports",
		"https://contoso.blob.core.windows.net/exports?sv=2024&sig=Ab%2Fcret": "has a query",
		"az://contoso":                                      "names no container",
		"az:///exports":                                     "names no storage account",
		"https://example.com/exports":                       "names no host",
		"az://contoso/Exports":                              "not a name of a container",
		"az://contoso/exports/*.csv":                        "is a pattern",
		"https://contoso.blob.core.windows.net/exports/%zz": "percent sign",
		"az://contoso/exports/../other":                     "has . or .. in it",
		"https://contoso.blob.core.windows.net/a/%2e%2e/b":  "has . or .. in it",
		"az://contoso/exports/...":                          "az://contoso/exports/...",
	} {
		l, err := Parse(text)
		switch {
		case err == nil:
			if l.String() != want {
				t.Errorf("%s: %s, not %s", text, l, want)
			}
			if again, err := Parse(l.String()); err != nil || again != l {
				t.Errorf("%s: %v, %v", l, again, err)
			}
		case !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "cret"):
			t.Errorf("%s: %v, not %s", text, err, want)
		}
	}
	for text, is := range map[string]bool{"exports": false, "/srv/exports": false, "C:\\exports": false, "az://a/b": true, "AZ://a/b": true, "ftp://a/b": false} {
		if IsLocation(text) != is {
			t.Errorf("%s: %v", text, !is)
		}
	}
}

func TestSecrets(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	at, err := Parse("az://contoso/exports")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		getenv         func(string) string
		key, sas, host string
	}{
		"none":          {env(), "", "", ""},
		"other account": {env(varConnection, "AccountName=fabrikam;AccountKey=k"), "", "", ""},
		"connection":    {env(varConnection, "DefaultEndpointsProtocol=https;AccountName=Contoso;AccountKey=k==;EndpointSuffix=core.windows.net"), "k==", "", "https://contoso.blob.core.windows.net"},
		"SAS string":    {env(varConnection, "BlobEndpoint=https://contoso.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=s"), "", "sv=1&sig=s", "https://contoso.blob.core.windows.net"},
		"SAS":           {env(varSAS, "?sv=1&sig=s"), "", "sv=1&sig=s", ""},
		"SAS of other":  {env(varSAS, "?sv=1&sig=s", varAccount, "fabrikam"), "", "", ""},
		"key":           {env(varKey, "k", varAccount, "contoso"), "k", "", ""},
	} {
		all, err := readSecrets("", c.getenv)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		s := secretFor(all, at)
		if s == nil {
			s = &secret{}
		}
		if s.key != c.key || s.sas != c.sas || s.endpoint != c.host {
			t.Errorf("%s: key %q, SAS %q, endpoint %q", name, s.key, s.sas, s.endpoint)
		}
	}
	if _, err := readSecrets("", env(varConnection, "AccountName=contoso;AccountKee=verysecret")); err == nil || strings.Contains(err.Error(), "verysecret") {
		t.Errorf("error %v", err)
	}
}

// The identity is that of the cloud that the host is in.
func TestClouds(t *testing.T) {
	for text, want := range map[string]string{
		"az://contoso/exports":                                     "https://login.microsoftonline.com/",
		"https://contoso.z12.blob.storage.azure.net/exports":       "https://login.microsoftonline.com/",
		"az://contoso.blob.core.usgovcloudapi.net/exports":         "https://login.microsoftonline.us/",
		"abfss://exports@contoso.dfs.core.chinacloudapi.cn/cost":   "https://login.chinacloudapi.cn/",
		"https://chinacloudapi.cn.blob.core.windows.net/exports/x": "https://login.microsoftonline.com/",
	} {
		l, err := Parse(text)
		if got := cloudOf(l.Host).ActiveDirectoryAuthorityHost; err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}
