//go:build spark

package connect

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/apache/spark-connect-go/spark/sparkerrors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/pidledger/pidledger/queries/engine/spark"
)

// serve starts a gRPC server that knows no service, and answers every call with an error.
func serve(t *testing.T, code codes.Code, called func(metadata.MD)) (address string) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		md, _ := metadata.FromIncomingContext(stream.Context())
		called(md)
		return status.Error(code, "that is what it says")
	}))
	go s.Serve(l)
	t.Cleanup(s.Stop)
	return l.Addr().String()
}

func run(ctx context.Context, r Remote) error {
	return Run(ctx, r, []spark.Statement{{Name: "one", Text: "select 1"}}, func(int, time.Duration) {})
}

// What is wrong with a server is said before the first statement, and with a way out.
func TestErrors(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	hangsUp, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hangsUp.Close()
	go func() {
		for {
			conn, err := hangsUp.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	var token []string
	called := func(md metadata.MD) { token = md.Get("authorization") }
	for name, c := range map[string]struct {
		remote Remote
		want   string
	}{
		"unreachable": {Remote{URL: "sc://" + closed}, "no Spark Connect server answers at " + closed},
		"hangs up":    {Remote{URL: "sc://" + hangsUp.Addr().String()}, "the connection to " + hangsUp.Addr().String() + " was lost at the first question"},
		"no Spark":    {Remote{URL: "sc://" + serve(t, codes.Unimplemented, called)}, "is not a Spark Connect server: that is what it says"},
		"wrong token": {Remote{URL: "sc://" + serve(t, codes.Unauthenticated, called), Token: "secret"}, "does not accept the token"},
		"no address":  {Remote{URL: "http://localhost:15002"}, `"http://localhost:15002" is not a Spark Connect server`},
		"shown token": {Remote{URL: "sc://localhost/;token=secret"}, "a token does not belong into the address"},
	} {
		err := run(t.Context(), c.remote)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || e.Try() == "" {
			t.Errorf("%s: %v, expected %s", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the token: %v", name, err)
		}
		if name == "wrong token" && (len(token) != 1 || token[0] != "Bearer secret") {
			t.Errorf("the token that was sent is %q", token)
		}
	}
}

// However Spark says that memory ran out, the way out is more of it; what follows the first words may be a long plan.
func TestOutOfMemory(t *testing.T) {
	for text, want := range map[string]bool{
		"Job aborted: Lost task 0.3 in stage 1.0: java.lang.OutOfMemoryError: Java heap space":                               true,
		strings.Repeat("plan ", 200) + "org.apache.spark.SparkException: Could not allocate memory to grow BytesToBytesMap.": true,
		"Not enough memory to build and broadcast the table to all worker nodes":                                             true,
		"[PATH_NOT_FOUND] Path does not exist: file:///lake/inputs":                                                          false,
	} {
		err := explain(&sparkerrors.SparkError{Message: text, Code: codes.Internal}, "spark:15002", "statement 1 of 2, owners")
		if got := strings.Contains(err.Error(), "owners ran out of memory on Spark"); got != want || len(err.Error()) > longest+100 {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The statements need what Spark has from 4.0 on.
func TestCheckNew(t *testing.T) {
	for version, want := range map[string]string{"4.0.5 abc": "", "4.3.0": "", "10.0.0": "", "3.5.9 def": "runs Spark 3.5.9 def, too old", "": "of an unknown version"} {
		err := checkNew(version, "spark:15002")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Spark %q: %v", version, err)
		}
	}
}

// A token is sent in clear to this machine alone; without one, TLS is a choice.
func TestTLS(t *testing.T) {
	for _, c := range []struct {
		url, token string
		want       bool
	}{
		{"sc://localhost", "", false}, {"sc://localhost", "t", false}, {"sc://127.0.0.1:1", "t", false}, {"sc://[::1]:1", "t", false},
		{"sc://spark.contoso.net", "", false}, {"sc://spark.contoso.net", "t", true}, {"sc://spark.contoso.net/;use_ssl=true", "", true},
		{"sc://spark.contoso.net/;use_ssl=false", "t", true}, {"sc://localhost.contoso.net", "t", true},
	} {
		b, err := Remote{URL: c.url, Token: c.token}.builder()
		if err != nil {
			t.Fatal(err)
		}
		if b.tls != c.want || (bearer{"t", b.tls}).RequireTransportSecurity() != c.want {
			t.Errorf("%s with token %q: TLS %v", c.url, c.token, b.tls)
		}
	}
}
