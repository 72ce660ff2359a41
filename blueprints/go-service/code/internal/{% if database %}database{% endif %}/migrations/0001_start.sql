-- Nothing yet but goose's own table, which says what the database has.
-- +goose Up
SELECT 1;
