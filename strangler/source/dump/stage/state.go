package stage

import (
	"encoding/json"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
)

// state is what a file says of itself; without it the file is not whole.
type state struct {
	Format   int
	Identity source.Identity
	Tables   []*table
	Objects  []dump.Object
}

// table is one table of the dump.
type table struct {
	Table  *source.Table
	Count  source.Count
	Number int      // of its SQLite table, 0 if its rows are not kept
	By     []Lookup // in the order of the columns by0, by1, ...
}

func (s *state) save(conn *sqlite.Conn) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return sqlitex.Execute(conn, "INSERT INTO stage (state) VALUES (?)", &sqlitex.ExecOptions{Args: []any{b}})
}

func loadState(conn *sqlite.Conn) (*state, error) {
	s := &state{}
	err := sqlitex.Execute(conn, "SELECT state FROM stage", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		b := make([]byte, stmt.ColumnLen(0))
		stmt.ColumnBytes(0, b)
		return json.Unmarshal(b, s)
	}})
	if err == nil && s.Format != format {
		err = fault.New(fault.Internal, "the staged dump is not whole; delete its file")
	}
	return s, err
}
