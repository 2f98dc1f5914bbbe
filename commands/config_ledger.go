package commands

import (
	"bufio"
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"

	"smp/commands/cli"
)

// ledger reads where the ledger is, unless it is files. A password in the environment or
// the config file is taken; a command line is no place for one.
func (c *configReader) ledger() error {
	found := c.pick("ledger", c.app.shared.ledger, "")
	noted := &c.into.list[len(c.into.list)-1]
	if found.value == "" {
		c.into.list = c.into.list[:len(c.into.list)-1] // files, as ever: state_dir says where
		return nil
	}
	server, err := parseLedger(found.value)
	if err != nil {
		noted.value, noted.secret = "", true
		return found.invalid(err).(*cli.UsageError).Hint("--ledger redis://HOST:6379/0")
	}
	shown := *server
	shown.User = nil
	noted.value = shown.String()
	if _, given := server.User.Password(); given && found.origin == "--ledger" {
		return cli.Usagef("--ledger holds a password, which every process of this machine could read").
			Hint("export SMP_LEDGER, or keep the password in a file: export SMP_LEDGER_PASSWORD_FILE=FILE")
	} else if given && found.origin == c.file.path {
		if err := c.file.private(); err != nil {
			return err
		}
	}
	c.into.ledger.URL, c.into.ledger.Timeout = server, c.into.connecting()
	return c.ledgerPassword()
}

// ledgerPassword reads the file of the password: its first line.
func (c *configReader) ledgerPassword() error {
	file, err := c.pickPath("ledger_password_file", "")
	if err != nil {
		return err
	}
	if file.value == "" {
		c.into.list = c.into.list[:len(c.into.list)-1]
		return nil
	}
	f, err := os.Open(file.value)
	if err != nil {
		return file.invalid(err)
	}
	defer f.Close()
	c.into.ledger.Password, err = keyLine(bufio.NewReader(f), false)
	if err != nil {
		return file.invalid(errors.New("it holds no password, or more than one line"))
	}
	return nil
}

// parseLedger reads the URL of a Redis server. Its errors quote nothing of the URL, which
// may hold a password.
func parseLedger(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the ledger is not of the form redis://HOST:PORT/DB or rediss://HOST:PORT/DB")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("the ledger's port is not a number from 1 to 65535")
		}
	}
	if database := strings.Trim(u.Path, "/"); database != "" {
		if _, err := strconv.ParseUint(database, 10, 16); err != nil {
			return nil, errors.New("the ledger's database is not a number")
		}
	}
	return u, nil
}
