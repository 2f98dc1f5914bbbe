package config

import (
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"

	"smp/commands/cli"
)

// ledger reads where the ledger is, unless it is files. A password in the environment or
// the config file is taken; a command line is no place for one.
func (r *Reader) ledger() error {
	if r.find("ledger", r.Flags.Ledger, "").Value == "" {
		return nil // files, as ever: state_dir says where
	}
	found := r.pick("ledger", r.Flags.Ledger, "")
	server, err := parseLedger(found.Value)
	if err != nil {
		found.Value = "" // it may hold the password
		return found.Invalid(err).(*cli.UsageError).Hint("--ledger redis://HOST:6379/0")
	}
	shown := *server
	shown.User = nil
	found.Value = shown.String()
	if _, given := server.User.Password(); given && found.Origin == "--ledger" {
		return cli.Usagef("--ledger holds a password, which every process of this machine could read").
			Hint("export SMP_LEDGER, or keep the password in a file: export SMP_LEDGER_PASSWORD_FILE=FILE")
	} else if given && found.Origin == r.file.Path {
		if err := r.file.private(); err != nil {
			return err
		}
	}
	r.Settings.Ledger.URL, r.Settings.Ledger.Timeout = server, r.Settings.Connecting()
	return r.ledgerPassword()
}

// ledgerPassword reads the file of the password: its first line.
func (r *Reader) ledgerPassword() error {
	if r.find("ledger_password_file", "", "").Value == "" {
		return nil
	}
	file, err := r.pickPath("ledger_password_file", "")
	if err != nil {
		return err
	}
	f, err := os.Open(file.Value)
	if err != nil {
		return file.Invalid(err)
	}
	defer f.Close()
	r.Settings.Ledger.Password, err = keyLine(f, false)
	if err != nil {
		return file.Invalid(errors.New("it holds no password, or more than one line"))
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
