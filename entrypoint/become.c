/*
 * Step: become the application, or init mode with the application as its child. It gets everything as we received
 * it: signal mask and dispositions, descriptors (ours close by themselves), argv, working directory, umask, standard
 * input.
 */
#include "become.h"

#include "account.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "init.h"
#include "log.h"
#include "program.h"
#include "signals.h"

bool
become_check(const struct boot *boot, struct err *err)
{
	char *const *const program = boot->request->operands;
	const char *const user = boot->config->user;
	struct account account;

	if (!*program && boot->config->init) {
		(void)err_set(err, FAULT_USAGE,
		              "init = yes: there is no program to run"); /* below */
		return err_hint(
			err, "give one, or leave `init` out: without a program we exit with 0 when "
			     "the database is ready");
	}
	if (!*program)
		return true;
	if (user &&
	    (!account_find(&account, user, boot->arena, err) || !account_check(&account, err)))
		return false;
	return program_check(*program, user != NULL, err);
}

static bool
change_user(const struct boot *boot, struct err *err)
{
	struct account account;

	if (!boot->config->user)
		return true;
	return account_find(&account, boot->config->user, boot->arena, err) &&
	       account_become(&account, err);
}

bool
become_run(struct boot *boot, struct err *err)
{
	char *const *const program = boot->request->operands;

	db_close(&boot->db);
	db_close(&boot->lock);
	if (!*program)
		return true;
	/* The user may not be allowed to read the file that DATABASE_URL_FILE names. */
	if (!config_hand_over(boot->config, boot->arena, err) || !change_user(boot, err) ||
	    !signals_check(err))
		return false;
	log_debug("%s", *program);
	if (boot->config->init)
		return init_become(boot->config, program, boot->arena, err);
	signals_restore();
	return program_execute(program, NULL, err);
}
