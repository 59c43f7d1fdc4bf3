// Command azurite runs a command beside Azurite, the emulator of Azure Storage: `go run ./testdata/azurite go test -run Azure ./cmd`. It installs
// the emulator into the cache folder of the user, starts it on a free port of this machine, tells the command in PIDLEDGER_AZURITE how to reach
// it, and stops it. It exits as the command did.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pidledger/pidledger/ingest/blob/blobtest"
)

// version is that of the npm package.
const version = "3.35.0"

// key is that of every Azurite: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "azurite:", err)
	}
	os.Exit(code)
}

func run(command []string) (int, error) {
	if len(command) == 0 {
		return 2, errors.New("name the command to run beside it")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program, err := install(ctx)
	if err != nil {
		return 1, err
	}
	port, err := freePort()
	if err != nil {
		return 1, err
	}
	server := exec.Command("node", program, "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence",
		"--blobHost", "127.0.0.1", "--blobPort", strconv.Itoa(port))
	server.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+accounts())
	server.Stdout, server.Stderr = os.Stderr, os.Stderr
	if err := server.Start(); err != nil {
		return 1, err
	}
	defer func() {
		_ = server.Process.Kill() // it keeps nothing that anybody needs
		_ = server.Wait()
	}()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := wait(ctx, address); err != nil {
		return 1, err
	}
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), fmt.Sprintf(blobtest.Variable+"=DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=http://%s/%s;", blobtest.Account, key, address, blobtest.Account))
	err = c.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return max(1, failed.ExitCode()), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}

// install puts the emulator into the cache folder of the user, once.
func install(ctx context.Context) (program string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "pidledger-azurite-"+version)
	program = filepath.Join(dir, "node_modules", "azurite", "dist", "src", "blob", "main.js")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", errors.New("npm is needed, which comes with Node.js: https://nodejs.org")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	npm := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", dir, "azurite@"+version)
	npm.Stdout, npm.Stderr = os.Stderr, os.Stderr
	if err := npm.Run(); err != nil {
		return "", fmt.Errorf("npm install azurite: %w", err)
	}
	return program, nil
}

// accounts are the account that every Azurite has, and some beside it, with the same key. The emulator goes through all blobs of an account for
// each request, so that many blobs are quick only in several: 20,000 in one take half an hour.
func accounts() string {
	all := []string{blobtest.Account + ":" + key}
	for _, letter := range blobtest.OtherAccounts {
		all = append(all, blobtest.Account+string(letter)+":"+key)
	}
	return strings.Join(all, ";")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // the port is free again when this process lets go of it
	return l.Addr().(*net.TCPAddr).Port, nil
}

// wait waits until the emulator listens.
func wait(ctx context.Context, address string) error {
	for range 600 {
		if c, err := net.Dial("tcp", address); err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return errors.New("the emulator did not start within a minute")
}
