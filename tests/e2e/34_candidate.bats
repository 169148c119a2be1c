# Which backup of a folder is meant: `restore` without a source lists them. No server is needed.

load lib

# Without a source: always 64; what is printed is in $output.
lists() {
	pge "$@" restore
	expect 64 'nothing says from what to restore'
}

# line NAME TEXT...: its line of the list has these.
line() {
	local line text name=$1
	line=$(grep -F -- "  $name (" <<<"$output") || fail "not listed: $name"
	shift
	for text; do
		[[ $line == *"$text"* ]] || fail "the line of $name is: $line"
	done
}

whole_dump() {
	printf '%s\n' '--' '-- PostgreSQL database dump' '--' 'select 1;' '--' '-- PostgreSQL database dump complete' '--' ''
}

@test 'no source and no folder: told what to set' {
	lists
	logged 'restore --check FILE; with restore_from or backup_dir set'
	equal "$output" ''
}

@test 'the candidates: date, kind, environment, size, whole as far as a glance tells, and why not' {
	mkdir backups
	whole_dump >backups/backup_prod_20240618_101112.sql
	whole_dump | head -n 4 >backups/backup_prod_2024-06-17.sql
	: >backups/db_backup_20240616_101112.sql
	head -c 3000000 /dev/zero | gzip -1 >backups/full_backup_20240615.tar.gz
	tar -cf backups/backup_prod_20240614.tar -C "$root" README.md
	head -c 5000 backups/backup_prod_20240614.tar >backups/backup_prod_20240613.tar
	whole_dump | xz >backups/backup_prod_20240612.sql.xz
	whole_dump | xz | head -c 40 >backups/backup_prod_20240611.sql.xz
	whole_dump >backups/backup_staging_20240619_101112.sql
	whole_dump >backups/pre_migration_20240620_101112.sql
	whole_dump >backups/nexus.sql
	mkdir backups/backup_prod_20240610 backups/uploads
	touch backups/backup_prod_20240610/toc.dat backups/backup_prod_20240618_101112.sql.sha256
	lists ENTRYPOINT_BACKUP_DIR=backups
	logged 'the newest for prod: pg-entrypoint restore --check backups/backup_prod_20240618_101112.sql'
	line backup_prod_20240618_101112.sql '2024-06-18 10:11:12 ' ' database ' ' prod ' ' 88 B ' ' yes ' '(the newest)'
	line backup_prod_2024-06-17.sql '2024-06-17 ' ' no end mark ' '(older)'
	line db_backup_20240616_101112.sql ' 0 B ' ' empty ' ' - '
	line full_backup_20240615.tar.gz ' full ' ' 13.' ' kB ' ' ? '
	line backup_prod_20240614.tar ' ? '
	line backup_prod_20240613.tar ' cut off '
	line backup_prod_20240612.sql.xz ' ? '
	line backup_prod_20240611.sql.xz ' cut off '
	line backup_prod_20240610 ' database '
	line backup_staging_20240619_101112.sql ' staging ' '(of staging, only when named)'
	line pre_migration_20240620_101112.sql 'before a change' '(only when named)'
	line nexus.sql '(the name does not say of what it is: only when named)'
	[[ $output == 'backups: 12 backups'* ]] || fail 'how many'
	[[ $output != *uploads* && $output != *sha256* ]] || fail 'what is no backup'
	lists ENTRYPOINT_BACKUP_DIR=backups ENTRYPOINT_ENVIRONMENT=sit
	logged 'the newest for staging: pg-entrypoint restore --check backups/backup_staging_20240619_101112.sql'
	lists ENTRYPOINT_BACKUP_DIR=backups ENTRYPOINT_ENVIRONMENT=nowhere
	logged 'the newest for nowhere: pg-entrypoint restore --check backups/db_backup_20240616_101112.sql'
}

@test 'staging is never offered to prod' {
	mkdir backups
	whole_dump >backups/backup_staging_20240619_101112.sql
	cp backups/backup_staging_20240619_101112.sql backups/backup_staging_latest.sql
	ln -s backup_staging_20240619_101112.sql backups/LATEST
	lists ENTRYPOINT_RESTORE_FROM=backups
	logged 'none would be taken by itself for prod'
	line LATEST '(stands for backup_staging_20240619_101112.sql)'
	line backup_staging_latest.sql '(of staging, only when named)'
	put backups/backup_staging_20240619_101112.sql.meta 'ENVIRONMENT=prod'
	lists ENTRYPOINT_RESTORE_FROM=backups
	logged 'none would be taken by itself for prod'
	line backup_staging_20240619_101112.sql 'of staging and prod'
}

@test 'an environment of several words: of that one, never of the one that is known among them, with a manifest and without' {
	local one
	mkdir backups
	for one in eu-west pre-prod test_eu; do
		whole_dump >"backups/backup_${one}_20240618_101112.sql"
		lists ENTRYPOINT_RESTORE_FROM=backups ENTRYPOINT_ENVIRONMENT="$one"
		logged "the newest for $one: pg-entrypoint restore --check backups/backup_${one}_20240618_101112.sql"
		put "backups/backup_${one}_20240618_101112.sql.manifest" "ENVIRONMENT=$one"
		lists ENTRYPOINT_RESTORE_FROM=backups ENTRYPOINT_ENVIRONMENT="$one"
		logged "the newest for $one: pg-entrypoint restore --check backups/backup_${one}_20240618_101112.sql"
	done
	for one in prod test; do
		rm -f backups/*.manifest
		lists ENTRYPOINT_RESTORE_FROM=backups ENTRYPOINT_ENVIRONMENT="$one"
		logged "none would be taken by itself for $one"
		line backup_pre-prod_20240618_101112.sql '(of pre_prod, only when named)'
	done
}

@test 'latest: a link, a hard link, a file with the name in it, a copy' {
	mkdir backups
	whole_dump >backups/backup_prod_20240618_101112.sql
	put backups/LATEST 'backup_prod_20240618_101112.sql' ''
	ln backups/backup_prod_20240618_101112.sql backups/nexus_latest.sql
	ln -s ../backups/backup_prod_20240618_101112.sql backups/backup_prod_latest.sql
	whole_dump >backups/copy_latest.sql
	lists ENTRYPOINT_RESTORE_FROM=backups
	line LATEST '(stands for backup_prod_20240618_101112.sql)'
	line nexus_latest.sql '(stands for'
	line backup_prod_latest.sql '(stands for'
	line copy_latest.sql '(a copy without a date'
	logged 'the newest for prod: pg-entrypoint restore --check backups/backup_prod_20240618_101112.sql'
}

@test 'a manifest beside says what the name does not' {
	mkdir backups
	whole_dump >backups/nexus.dump
	put backups/nexus.dump.meta 'BACKUP_DATE="2024-06-18 10:11:12"' 'BACKUP_TYPE=database' 'ENVIRONMENT=production'
	lists ENTRYPOINT_BACKUP_DIR=backups
	line nexus.dump '2024-06-18 10:11:12' ' database ' ' prod ' '(the newest)'
}

@test 'a manifest of any length says it, and the names of tables in it say nothing' {
	mkdir backups
	whole_dump >backups/nexus.sql.gz
	{
		printf '%s\n' ENVIRONMENT=prod BACKUP_DATE=2024-06-18T10:11:12Z BACKUP_TYPE=database 'SHA256 (a,environment=dev.sql.gz) = 00'
		printf 'rows 1 public.many_%s\n' {1..1000}
	} >backups/nexus.sql.gz.manifest
	lists ENTRYPOINT_BACKUP_DIR=backups
	line nexus.sql.gz '2024-06-18 10:11:12' ' database ' ' prod ' '(the newest)'
	sed -i '/^rows 1 .*_[0-9]..*/d; $a rows 1 public."x,environment=dev"' backups/nexus.sql.gz.manifest
	lists ENTRYPOINT_BACKUP_DIR=backups
	line nexus.sql.gz ' prod ' '(the newest)'
}

@test 'two that are as new as each other: neither by itself, both told' {
	mkdir backups
	whole_dump >backups/backup_prod_20240618_101112.sql
	gzip -k backups/backup_prod_20240618_101112.sql
	lists ENTRYPOINT_BACKUP_DIR=backups
	logged 'none would be taken by itself'
	line backup_prod_20240618_101112.sql 'as new as backup_prod_20240618_101112.sql.gz: name the one that is meant'
	line backup_prod_20240618_101112.sql.gz 'as new as backup_prod_20240618_101112.sql:'
}

@test 'both settings, one folder that is empty, one that is not there' {
	mkdir one two
	whole_dump >two/backup_prod_20240618_101112.sql
	lists ENTRYPOINT_RESTORE_FROM=one ENTRYPOINT_BACKUP_DIR=two
	[[ $output == 'one: 0 backups'*'two: 1 backup'* ]] || fail 'both are listed'
	logged 'restore --check two/backup_prod_20240618_101112.sql'
	pge ENTRYPOINT_RESTORE_FROM=gone restore
	expect 66 'gone: No such file or directory'
}

@test 'several sources: refused, and the one named that a listing would take' {
	pge restore a/backup_prod_20240618_101112.sql b/full_backup_20240619.tar.gz c/pre_migration_20240620_000000.sql.gz \
		d/backup_prod_20990101_000000.sql e/backup_staging_20240621_000000.sql
	expect 64 'restore takes one source, not 5' 'the newest for prod: b/full_backup_20240619.tar.gz'
	pge restore a.sql b.sql
	expect 64 'not 2' 'none of them would be taken by itself for prod'
	pge restore --pgdata postgres_volume_20240618.tar.gz postgres_volume_20240619.tar.gz postgres_volume_20990101.tar.gz
	expect 64 'the newest for prod: postgres_volume_20240619.tar.gz'
}

@test 'a data directory without an archive: told what it takes, and no dumps are listed' {
	mkdir backups
	whole_dump >backups/backup_prod_20240618_101112.sql
	pge ENTRYPOINT_BACKUP_DIR=backups restore --pgdata
	expect 64 'restore --pgdata needs an archive' 'restore --pgdata[=DIRECTORY] ARCHIVE'
	equal "$output" ''
}
