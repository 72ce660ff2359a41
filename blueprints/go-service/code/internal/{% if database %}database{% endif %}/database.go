// Package database is how the code reaches its PostgreSQL, and how that gets the tables that the
// code needs.
package database

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var files embed.FS

// Database is the service's PostgreSQL; its pool is that of database/sql.
type Database struct {
	*sql.DB
	config *pgx.ConnConfig
}

// Open gives the database, and asks it nothing so far.
func Open(url string) (*Database, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	pool := stdlib.OpenDB(*config)
	// Of each pod: with the replicas, no more than the server has.
	pool.SetMaxOpenConns(10)
	pool.SetMaxIdleConns(5)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return &Database{pool, config}, nil
}

// Ping fails where the database does not answer. It has a connection of its own: requests that use
// up the pool are no outage.
func (db *Database) Ping(ctx context.Context) error {
	connection, err := pgx.ConnectConfig(ctx, db.config)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	return connection.Ping(ctx)
}

// Migrate runs the migrations that the database lacks, while no other pod does. A database that has
// later ones is left as it is: that was a later release, and this one was rolled back to.
func Migrate(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(limitWaiting))
	defer db.Close()
	migrations, err := newProvider(db)
	if err != nil {
		return err
	}
	done, err := migrations.Up(ctx)
	if err != nil {
		return err
	}
	for _, one := range done {
		slog.Info("migrated", "file", one.Source.Path, "seconds", one.Duration.Seconds())
	}
	there, known, err := migrations.GetVersions(ctx)
	if there > known {
		slog.Warn("newer database", "version", there)
	}
	return err
}

// limitWaiting: a migration that waits for a table has all later requests wait behind it. Rather
// fail, and have Kubernetes try again.
func limitWaiting(ctx context.Context, connection *pgx.Conn) error {
	_, err := connection.Exec(ctx, "SET lock_timeout = '5s'")
	return err
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	numbered, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	// Asked each second, for five minutes at most.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, numbered,
		goose.WithSessionLocker(locker), goose.WithSlog(slog.Default()))
}
