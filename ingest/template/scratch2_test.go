package template

import (
	"fmt"
	"os"
	"testing"
)

func TestScratch2(t *testing.T) {
	for _, s := range []string{
		"{\n  \"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\n  \"contentVersion\": \"1.0.0.0\"\n}\n",
		"{\r\n\t\"$schema\": \"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#\",\r\n\t\"contentVersion\": \"1.0.0.0\",\r\n\t\"parameters\": {\r\n\t\t\"a\": { \"type\": \"string\" } // the a\r\n\t},\r\n\t\"resources\": [ {\r\n\t\t\"type\": \"x\"\r\n\t} ]\r\n}\r\n",
		`{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0","parameters":{},"resources":[{"type":"a"}]}`,
		"{\n  \"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\n  \"languageVersion\": \"2.0\",\n  \"contentVersion\": \"1.0.0.0\",\n \"resources\": {}\n}\n",
	} {
		out, err := Tag([]byte(s), TagOptions{ID: "0F0E0D0C-1111-2222-3333-444455556666", OptOut: true})
		fmt.Println(err)
		os.Stdout.Write(out)
		r, _ := Check("a.json", out, Options{})
		for _, x := range r {
			fmt.Printf("  %s %-7s %s %d:%d [%s] %s\n", x.Rule, x.Severity, x.Path, x.Line, x.Column, x.Name, x.Why)
		}
		_, err = Tag(out, TagOptions{ID: "0F0E0D0C-1111-2222-3333-444455556666", OptOut: true})
		fmt.Println(err)
	}
}
