package template
import ("testing";"time";"fmt";"strings")
func TestH(t *testing.T){
	for _,x:=range []struct{n,s string}{
		{"a.bicep",strings.Repeat("param x {\n",200000)},
		{"a.bicep",strings.Repeat("var x = [\n",200000)},
		{"a.bicep",strings.Repeat("@a([\n",200000)},
		{"a.bicep",strings.Repeat("'${",100000)},
		{"a.tf",strings.Repeat("a {\n",200000)},
		{"a.tf",strings.Repeat("a = [\n",200000)},
		{"a.tf",strings.Repeat("a = \"${",100000)},
		{"a.tf",strings.Repeat("a = <<X\n",100000)},
		{"a.sh",strings.Repeat("AZURE_HTTP_USER_AGENT='pid-",100000)},
		{"a.yml",strings.Repeat("AZURE_HTTP_USER_AGENT: pid-3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36\n",50000)},
		{"a.json",strings.Repeat("[",400)+strings.Repeat("]",400)},
		{"a.json",`{"$schema":"`+groupSchema+`","resources":[`+strings.Repeat(`{"type":"Microsoft.Resources/deployments","name":"pid-3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"},`,20000)+`]}`},
	}{
		t0:=time.Now(); f,err:=Check(x.n,[]byte(x.s),Options{}); fmt.Println(x.n,x.s[:12],len(x.s),len(f),err,time.Since(t0))
	}
}
