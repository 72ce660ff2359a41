package database

import (
	"context"
	"testing"
	"time"

	"github.com/pressly/goose/v3/lock"
)

// version is the latest migration that a database says it has.
func version(t *testing.T, address string) (latest int64) {
	t.Helper()
	connection := connect(t, address)
	defer connection.Close(context.Background())
	row := connection.QueryRow(context.Background(), "SELECT max(version_id) FROM goose_db_version")
	if err := row.Scan(&latest); err != nil {
		t.Fatal(err)
	}
	return latest
}

func mustMigrate(t *testing.T, address string) {
	t.Helper()
	if err := Migrate(context.Background(), address); err != nil {
		t.Fatal(err)
	}
}

// head is the latest migration of this code. goose refuses two of one number, as two merge requests
// may bring them: here, not at the deploy.
func head(t *testing.T, address string) int64 {
	t.Helper()
	db, err := Open(address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	migrations, err := newProvider(db.DB)
	if err != nil {
		t.Fatal(err)
	}
	sources := migrations.ListSources()
	return sources[len(sources)-1].Version
}

// Each pod that starts does it: a second time changes nothing.
func TestAnEmptyDatabaseGetsThemAll(t *testing.T) {
	address := empty(t)
	for range 2 {
		mustMigrate(t, address)
		if got, want := version(t, address), head(t, address); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

// Rolled back, the code before starts on the tables of the code after it.
func TestAnOlderReleaseLeavesANewerDatabaseAlone(t *testing.T) {
	address := empty(t)
	mustMigrate(t, address)
	mustExec(t, address, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	mustMigrate(t, address)
	if got := version(t, address); got != 9999 {
		t.Errorf("got %d", got)
	}
}

// The others wait until its connection has ended, and are no transaction meanwhile: CREATE INDEX
// CONCURRENTLY waits for all that are open.
func TestOnePodAtATimeMigrates(t *testing.T) {
	address, ctx := empty(t), context.Background()
	holder := connect(t, address)
	if _, err := holder.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(lock.DefaultLockID)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- Migrate(ctx, address) }()
	select {
	case err := <-ended:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	var open int
	row := holder.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE xact_start < now()")
	if err := row.Scan(&open); err != nil || open != 0 {
		t.Errorf("%d transactions are open, %v", open, err)
	}
	holder.Close(ctx)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Readiness asks this.
func TestTheDatabaseAnswers(t *testing.T) {
	db, err := Open(empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(context.Background()); err != nil {
		t.Error(err)
	}
}

// And this is its answer in an outage.
func TestAServerThatIsNotThereIsAnError(t *testing.T) {
	db, err := Open("postgresql://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if db.Ping(context.Background()) == nil {
		t.Error("it answers")
	}
}
