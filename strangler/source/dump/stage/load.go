package stage

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
)

// load takes the rows of one table into the SQLite table t<number>: n is the row's number in the dump, key and by<i> are
// what it is found by, body holds position and cells. Indexes are made when all rows are in: that is faster, and keys may be
// declared behind the rows.
type load struct {
	conn     *sqlite.Conn
	number   int
	table    *source.Table // as it was when its rows came
	by       []Lookup
	finds    []find
	insert   *sqlite.Stmt
	body     []byte
	repeated bool // some rows may have the key of others
}

func newLoad(conn *sqlite.Conn, number int, t *source.Table, by []Lookup) (*load, error) {
	l := &load{conn: conn, number: number, table: t, by: by}
	var err error
	if l.finds, err = finds(t, by); err != nil {
		return nil, err
	}
	columns, marks := "", ""
	for i := range by {
		columns += fmt.Sprintf(", by%d", i)
		marks += ", ?"
	}
	create := fmt.Sprintf("CREATE TABLE t%d (n INTEGER PRIMARY KEY, key BLOB NOT NULL, again INTEGER NOT NULL%s, body BLOB NOT NULL)",
		number, columns)
	if err := sqlitex.Execute(conn, create, nil); err != nil {
		return nil, err
	}
	l.insert, err = conn.Prepare(fmt.Sprintf("INSERT INTO t%d (n, key, again%s, body) VALUES (?, ?, ?%s, ?)", number, columns, marks))
	return l, err
}

// add takes a row. Old versions are not kept: they are counted by the reader.
func (l *load) add(row source.Row, again dump.Repeated) error {
	if row.Historical() {
		return nil
	}
	l.repeated = l.repeated || again != dump.Refused
	l.body = appendBody(l.body[:0], row)
	key := row.Key()
	l.insert.BindInt64(1, row.Position.Row)
	l.insert.BindBytes(2, key)
	l.insert.BindInt64(3, int64(again))
	l.bindFinds(l.insert, 4, row, key)
	l.insert.BindBytes(4+len(l.finds), l.body)
	if _, err := l.insert.Step(); err != nil {
		return fmt.Errorf("stage a row of %s: %w", l.table, err)
	}
	return l.insert.Reset()
}

func (l *load) bindFinds(stmt *sqlite.Stmt, from int, row source.Row, key []byte) {
	for i, f := range l.finds {
		if by := f.key(row.Table, row.Cells, key); by != nil {
			stmt.BindBytes(from+i, by)
		} else {
			stmt.BindNull(from + i)
		}
	}
}

func appendBody(dst []byte, row source.Row) []byte {
	dst = binary.AppendUvarint(dst, uint64(row.Position.Offset))
	dst = binary.AppendUvarint(dst, uint64(row.Position.Line))
	dst = binary.AppendUvarint(dst, uint64(row.Position.Statement))
	return source.AppendCells(dst, row.Cells)
}

// readBody makes the row again; it shares b's memory, and cells'.
func readBody(b []byte, row *source.Row) (err error) {
	for _, part := range []*int64{&row.Position.Offset, &row.Position.Line, &row.Position.Statement} {
		n, used := binary.Uvarint(b)
		if used <= 0 {
			return fault.New(fault.Internal, "a staged row is broken")
		}
		*part, b = int64(n), b[used:]
	}
	row.Cells, err = source.ReadCells(row.Cells[:0], b)
	return err
}

// finish makes the indexes and counts the rows; t is the table as the whole dump declares it.
func (l *load) finish(t *source.Table) (rows int64, err error) {
	if !slices.Equal(t.KeyColumns(), l.table.KeyColumns()) {
		if err := l.rekey(t); err != nil {
			return 0, err
		}
	}
	l.table = t
	if err := l.uniqueKeys(); err != nil {
		return 0, err
	}
	for i := range l.finds {
		index := fmt.Sprintf("CREATE INDEX t%d_by%d ON t%d (by%d) WHERE by%d IS NOT NULL", l.number, i, l.number, i, i)
		if err := sqlitex.Execute(l.conn, index, nil); err != nil {
			return 0, fmt.Errorf("index the stage of %s: %w", t, err)
		}
	}
	err = l.query("SELECT count(*) FROM t%d", func(stmt *sqlite.Stmt) error {
		rows = stmt.ColumnInt64(0)
		return nil
	})
	return rows, err
}

// rekey computes the keys of all rows anew, for a table whose key was declared behind them.
func (l *load) rekey(t *source.Table) error {
	sets := ""
	for i := range l.finds {
		sets += fmt.Sprintf(", by%d = ?%d", i, i+3)
	}
	update, err := l.conn.Prepare(fmt.Sprintf("UPDATE t%d SET key = ?2%s WHERE n = ?1", l.number, sets))
	if err != nil {
		return err
	}
	row := source.Row{Table: t}
	return l.query("SELECT n, body FROM t%d ORDER BY n", func(stmt *sqlite.Stmt) error {
		row.Position.Row = stmt.ColumnInt64(0)
		if err := readBody(columnBytes(stmt, 1), &row); err != nil {
			return err
		}
		key := row.Key()
		update.BindInt64(1, row.Position.Row)
		update.BindBytes(2, key)
		l.bindFinds(update, 3, row, key)
		if _, err := update.Step(); err != nil {
			return err
		}
		return update.Reset()
	})
}

func columnBytes(stmt *sqlite.Stmt, column int) []byte {
	b := make([]byte, stmt.ColumnLen(column))
	stmt.ColumnBytes(column, b)
	return b
}

// uniqueKeys indexes the keys. Rows of REPLACE and INSERT IGNORE give way to each other as they would in a database; other
// rows with the same key are a fault of the dump.
func (l *load) uniqueKeys() error {
	if l.repeated {
		if err := l.settle(); err != nil {
			return err
		}
	}
	err := sqlitex.Execute(l.conn, fmt.Sprintf("CREATE UNIQUE INDEX t%d_key ON t%d (key)", l.number, l.number), nil)
	if sqlite.ErrCode(err) == sqlite.ResultConstraintUnique || sqlite.ErrCode(err) == sqlite.ResultConstraint {
		return l.twins()
	}
	if err != nil {
		return fmt.Errorf("index the stage of %s: %w", l.table, err)
	}
	return nil
}

// settle lets the last row of REPLACE and the first before INSERT IGNORE stay.
func (l *load) settle() error {
	err := sqlitex.ExecuteScript(l.conn, strings.ReplaceAll(`CREATE INDEX TT_again ON TT (key, n, again);
DELETE FROM TT WHERE EXISTS (SELECT 1 FROM TT later WHERE later.key = TT.key AND later.n > TT.n AND later.again = 2);
DELETE FROM TT WHERE again = 1 AND EXISTS (SELECT 1 FROM TT first WHERE first.key = TT.key AND first.n < TT.n);
DROP INDEX TT_again;`, "TT", fmt.Sprintf("t%d", l.number)), nil)
	if err != nil {
		return fmt.Errorf("settle repeated rows of %s: %w", l.table, err)
	}
	return nil
}

// twins makes the fault that names the first row whose key was there before.
func (l *load) twins() error {
	row := source.Row{Table: l.table}
	if err := sqlitex.Execute(l.conn, fmt.Sprintf("CREATE INDEX t%d_twins ON t%d (key, n)", l.number, l.number), nil); err != nil {
		return err
	}
	err := l.query("SELECT n, body FROM t%[1]d WHERE n > (SELECT min(n) FROM t%[1]d first WHERE first.key = t%[1]d.key) ORDER BY n LIMIT 1", func(stmt *sqlite.Stmt) error {
		row.Position.Row = stmt.ColumnInt64(0)
		return readBody(columnBytes(stmt, 1), &row)
	})
	if err != nil {
		return err
	}
	return fault.At(fault.Invalid, fault.Issue{Code: "duplicate", Expression: l.table.String(), Line: int(row.Position.Line),
		Text: fmt.Sprintf("the dump, %s, table %s: a row has the key of an earlier one", row.Position, l.table)})
}

func (l *load) query(sql string, each func(*sqlite.Stmt) error) error {
	return sqlitex.Execute(l.conn, fmt.Sprintf(sql, l.number), &sqlitex.ExecOptions{ResultFunc: each})
}
