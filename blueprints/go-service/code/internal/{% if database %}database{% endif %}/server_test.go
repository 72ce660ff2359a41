package database

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

const needed = "needs PostgreSQL (Debian: postgresql) or TEST_DATABASE_URL"

var (
	server    string // the address of the server for the tests; empty where there is none
	databases atomic.Int64
)

// CI gives the tests a server. Elsewhere one is started for them, and thrown away.
func TestMain(m *testing.M) {
	os.Exit(withServer(m))
}

func withServer(m *testing.M) int {
	if server = os.Getenv("TEST_DATABASE_URL"); server != "" {
		return m.Run()
	}
	// Debian has the programs outside of PATH.
	programs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if found, err := exec.LookPath("initdb"); err == nil {
		programs = append(programs, filepath.Dir(found))
	}
	if len(programs) == 0 {
		return m.Run()
	}
	place := "" // where the system has temporary files
	if os.Geteuid() == 0 {
		place = "/tmp" // postgres does not get into a folder for them of root's own
	}
	folder, err := os.MkdirTemp(place, "pg-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	run := func(program string, arguments ...string) error {
		command := exec.Command(filepath.Join(programs[len(programs)-1], program), arguments...)
		command.Env = append(os.Environ(), "PGDATA="+filepath.Join(folder, "data"))
		command.Dir, command.Stderr = folder, os.Stderr
		command.SysProcAttr = &syscall.SysProcAttr{Credential: notRoot(folder)}
		return command.Run()
	}
	// A socket in the folder and no port: nothing else meets it.
	options := fmt.Sprintf("-c listen_addresses= -c unix_socket_directories=%s -c fsync=off", folder)
	err = run("initdb", "--username=postgres", "--auth=trust", "--no-sync")
	if err == nil {
		err = run("pg_ctl", "start", "--wait", "--log="+filepath.Join(folder, "log"), "--options="+options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = run("pg_ctl", "stop", "--mode=immediate") }()
	server = "postgresql://postgres@/postgres?host=" + url.QueryEscape(folder)
	return m.Run()
}

// notRoot is whom PostgreSQL runs as where the tests run as root: it refuses that. Debian's package
// makes the user.
func notRoot(folder string) *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		return nil
	}
	uid, _ := strconv.Atoi(found.Uid)
	gid, _ := strconv.Atoi(found.Gid)
	_ = os.Chown(folder, uid, gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// empty is the address of a database of the test's own. CI fails where there is no server;
// elsewhere the test is skipped.
func empty(t *testing.T) string {
	t.Helper()
	if server == "" && os.Getenv("CI") != "" {
		t.Fatal(needed)
	}
	if server == "" {
		t.Skip(needed)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1))
	mustExec(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { mustExec(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	return connection
}

func mustExec(t *testing.T, address, statement string) {
	t.Helper()
	connection := connect(t, address)
	defer connection.Close(context.Background())
	if _, err := connection.Exec(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}
