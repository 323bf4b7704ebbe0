package raw

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pg is a PostgreSQL database.
type pg struct{ pool *pgxpool.Pool }

func openPG(ctx context.Context, url string, o Options) (*pg, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	c.MaxConns = 16
	maps.Copy(c.ConnConfig.RuntimeParams, map[string]string{"jit": "off", "synchronous_commit": map[bool]string{true: "on", false: "off"}[o.Durable]})
	maps.Copy(c.ConnConfig.RuntimeParams, o.Params)
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	return &pg{pool}, pool.Ping(ctx)
}

func (p *pg) close() { p.pool.Close() }

func (p *pg) tables(ctx context.Context, having ...string) (map[string][]column, error) {
	list, err := p.rows(ctx, `SELECT c.table_name::text, c.column_name::text, c.data_type::text FROM information_schema.columns c
		WHERE c.table_schema = 'public' AND EXISTS (SELECT 1 FROM information_schema.columns h WHERE h.table_schema = 'public' AND h.table_name = c.table_name AND h.column_name = ANY($1))
		ORDER BY c.table_name, c.ordinal_position`, having)
	found := map[string][]column{}
	for _, r := range list {
		found[r[0].(string)] = append(found[r[0].(string)], column{r[1].(string), r[2].(string)})
	}
	return found, err
}

func (p *pg) run(ctx context.Context, sql string) error {
	_, err := p.pool.Exec(ctx, sql)
	return err
}

func (p *pg) rows(ctx context.Context, sql string, args ...any) ([][]any, error) {
	rows, err := p.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
}

// write takes one round trip: BEGIN, the steps and COMMIT go together.
func (p *pg) write(ctx context.Context, steps []step) error {
	b := &pgx.Batch{}
	b.Queue("BEGIN")
	for _, s := range steps {
		args, err := s.arrays()
		if err != nil {
			return err
		}
		b.Queue(s.pg, args...)
	}
	b.Queue("COMMIT")
	return p.pool.SendBatch(ctx, b).Close()
}

// load copies into each table.
func (p *pg) load(ctx context.Context, steps []step) error {
	return pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		for _, s := range steps {
			if s.table == "" || s.table == "outbox" || s.table == auditTable { // these number their rows themselves
				args, err := s.arrays()
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, s.pg, args...); err != nil {
					return err
				}
				continue
			}
			var names []string
			for _, c := range s.columns {
				names = append(names, c.name)
			}
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{s.table}, names, pgx.CopyFromRows(s.rows)); err != nil {
				return fmt.Errorf("%s: %w", s.table, err)
			}
		}
		return nil
	})
}

// arrays turns rows into one array for each column.
func (s step) arrays() ([]any, error) {
	out := make([]any, len(s.columns))
	for i, c := range s.columns {
		switch c.kind {
		case "bigint":
			out[i] = array[int64](s.rows, i)
		case "integer":
			out[i] = array[int32](s.rows, i)
		case "smallint":
			out[i] = array[int16](s.rows, i)
		case "double precision":
			out[i] = array[float64](s.rows, i)
		case "text":
			out[i] = array[string](s.rows, i)
		case "bytea":
			out[i] = array[[]byte](s.rows, i)
		case list:
			out[i] = lists(s.rows, i)
		case "boolean":
			out[i] = array[bool](s.rows, i)
		default:
			return nil, fmt.Errorf("%s.%s has the type %s", s.table, c.name, c.kind)
		}
	}
	return out, nil
}

// lists writes each array of one column as PostgreSQL does; NULL stays nil.
func lists(rows [][]any, i int) []*string {
	out := make([]*string, len(rows))
	for n, r := range rows {
		if numbers, ok := r[i].([]any); ok {
			text := strings.NewReplacer("[", "{", "]", "}", " ", ",").Replace(fmt.Sprint(numbers))
			out[n] = &text
		}
	}
	return out
}

// array takes one column; what does not have the type, such as NULL, becomes zero.
func array[T any](rows [][]any, i int) []T {
	out := make([]T, len(rows))
	for n, r := range rows {
		out[n], _ = r[i].(T)
	}
	return out
}
