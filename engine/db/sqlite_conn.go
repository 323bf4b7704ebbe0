package db

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"
)

// maxStatements is how many prepared statements a SQLite connection keeps.
const maxStatements = 512

// liteConn is a connection, its prepared statements and the means to interrupt it.
type liteConn struct {
	conn  *sqlite.Conn
	pool  *lite
	stmts map[string]*liteStmt
	clock uint64
	halt  chan struct{} // closed to interrupt what is running
	arena []byte        // bytes that a row lends to its scan function
}

type liteStmt struct {
	*sqlite.Stmt
	used uint64
}

func newLiteConn(conn *sqlite.Conn, l *lite) *liteConn {
	c := &liteConn{conn: conn, pool: l, stmts: map[string]*liteStmt{}, halt: make(chan struct{})}
	conn.SetInterrupt(c.halt)
	return c
}

// watch interrupts the connection when ctx ends, until unwatch is called.
func (c *liteConn) watch(ctx context.Context) (unwatch func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	halt := c.halt
	stop := context.AfterFunc(ctx, func() { close(halt) })
	return func() {
		if stop() {
			return
		}
		<-halt
		c.revive()
	}
}

// revive makes an interrupted connection usable again.
func (c *liteConn) revive() {
	c.halt = make(chan struct{})
	c.conn.SetInterrupt(c.halt)
}

// prepare gives a reset statement from the cache.
func (c *liteConn) prepare(sql string) (*liteStmt, error) {
	c.clock++
	if s, ok := c.stmts[sql]; ok {
		s.used = c.clock
		return s, nil
	}
	stmt, rest, err := c.conn.PrepareTransient(numbered(sql))
	if err != nil {
		return nil, liteError(err)
	}
	if rest != 0 {
		return nil, errors.Join(misuse("several statements in one: use Script"), stmt.Finalize())
	}
	if len(c.stmts) >= maxStatements {
		c.forget()
	}
	s := &liteStmt{Stmt: stmt, used: c.clock}
	c.stmts[sql] = s
	return s, nil
}

// forget drops the statement that was not used for the longest time.
func (c *liteConn) forget() {
	var oldest string
	at := c.clock
	for sql, s := range c.stmts {
		if s.used < at {
			oldest, at = sql, s.used
		}
	}
	c.stmts[oldest].Finalize()
	delete(c.stmts, oldest)
}

// exec runs a statement without arguments and rows.
func (c *liteConn) exec(sql string) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer s.Reset()
	_, err = s.Step()
	return liteFault(err)
}

// script runs statements one after the other, without keeping them.
func (c *liteConn) script(sql string) error {
	for sql = skipBlank(sql); sql != ""; {
		stmt, rest, err := c.conn.PrepareTransient(sql)
		if err != nil {
			return liteError(err)
		}
		for more := true; more && err == nil; {
			more, err = stmt.Step()
		}
		stmt.Finalize()
		if err != nil {
			return at(liteFault(err), 0, 1, sql)
		}
		sql = skipBlank(sql[len(sql)-rest:])
	}
	return nil
}

func (c *liteConn) close() error {
	for _, s := range c.stmts {
		s.Finalize()
	}
	return c.conn.Close()
}
