# The libraries that pg-entrypoint is made of, built from Debian's source packages.
#
# Each one is a small shell script below (`define build-NAME`). Make writes it to build/ok/NAME.sh whenever its text, with all
# flags filled in, has changed; runs it; keeps its output in build/ok/NAME.log; and touches build/ok/NAME when all went well.
# So exactly what has changed is built again, and a step that failed can be repeated by hand: bash build/ok/NAME.sh
#
# Under $O lie ok/ (the above), work/ (unpacked sources), sysroot/ (headers and archives) and versions.h. With DEV= only
# PostgreSQL and inih are built here; the rest are the shared libraries of the machine's Debian.

# ---- what, and from where ---------------------------------------------------------------------------------------------------

# The major version of PostgreSQL and the suites of Debian. All packages come from the stable suite, but PostgreSQL and
# libarchive, which are too old there, from the first newer suite that can deliver them today. If none can, the stable one
# has to do: then PostgreSQL is PG_STABLE, and a warning says so.
PG        ?= 18
PG_STABLE ?= 17
STABLE    ?= trixie
OLDER     ?= bookworm
NEWER     ?= forky sid

# The mirrors of Debian and of its security updates; unless given, those that this machine's apt uses anyway. And the keys
# that must have signed what they hold.
MIRROR    ?=
SECURITY  ?=
KEYRING   ?= /usr/share/keyrings/debian-archive-keyring.gpg

# What must be installed. dpkg-dev brings patch, bzip2 and xz; PostgreSQL's tarball needs perl, flex and bison.
packages-build := gcc libc6-dev linux-libc-dev perl flex bison $(if $(DEV),,$(if $(filter x86_64,$(shell uname -m)),nasm)) dpkg-dev \
	debian-archive-keyring
packages-dev   := $(packages-build) libisal-dev zlib1g-dev libbz2-dev liblz4-dev libzstd-dev liblzma-dev libssl-dev libarchive-dev
packages-unit  := libcmocka-dev
packages-fuzz  := clang libclang-rt-dev

DOWNLOAD := $(abspath build/download)
SYSROOT  := $O/sysroot
OK       := $O/ok

# ---- compilers and flags ----------------------------------------------------------------------------------------------------

# The compressors are worth -O2 (pg_dump -Fc with zstd takes 1.18 s instead of 1.42 s); for the rest, small is better.
# pack-relative-relocs: with them static-pie costs 1 % of size, without 14 %. musl knows them since 1.2.4 (and has no
# FORTIFY_SOURCE), so musl is built here too: Debian 12 has 1.2.3.
export PATH := $(SYSROOT)/bin:$(PATH)
ARCH  := $(shell uname -m)
comma := ,
ifeq ($(DEV),)
CC          := musl-gcc
CODE        := -fPIE -fstack-protector-strong -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
SMALL       := -Os $(CODE)
FAST        := -O2 $(CODE)
LDFLAGS     := -static-pie -Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack,-z,pack-relative-relocs
PG_PLATFORM := --host=$(ARCH)-linux-musl
else
CC          := gcc
SMALL       := -O1 -g $(if $(filter 1,$(DEV)),-fsanitize=address$(comma)undefined -fno-omit-frame-pointer)
LDFLAGS     := $(filter -fsanitize=%,$(SMALL))
PG_PLATFORM :=
endif

# Whoever includes ini.h must be compiled with these too: the type of inih's handler depends on them.
INIH_FLAGS := -DINI_HANDLER_LINENO=1 -DINI_CALL_HANDLER_ON_NEW_SECTION=1 -DINI_STOP_ON_FIRST_ERROR=1 -DINI_ALLOW_BOM=1 \
              -DINI_ALLOW_INLINE_COMMENTS=0 -DINI_ALLOW_MULTILINE=0 -DINI_ALLOW_NO_VALUE=0 \
              -DINI_USE_STACK=0 -DINI_ALLOW_REALLOC=1 -DINI_MAX_LINE=67108864

# For the linker, who needs something stands before who has it.
LIBS := $(SYSROOT)/lib/pgtools.o -L$(SYSROOT)/lib -lpgfeutils -lpq -lpgcommon -lpgport -lssl -lcrypto \
        -larchive -lzstd -llzma -llz4 -lbz2 -lz -lisal -linih -lm

# ---- the machinery ----------------------------------------------------------------------------------------------------------

# $(call record,FILE,TEXT): writes FILE unless it holds TEXT already. What depends on FILE is made again when TEXT changes.
record = $(if $(subst x$(file <$1)x,,x$2x),$(shell mkdir -p $(dir $1))$(file >$1,$2))

# $(call dependency,NAME,LICENCE,NEEDS,SHARED): NEEDS are the names of others that come first. SHARED is the Debian package
# that does instead with DEV=.
define dependency
licence-$1 := $2
$(if $(and $(DEV),$4),SHARED += $1:$4,$(call built-here,$1,$3))
endef
define built-here
DEPENDENCIES += $1
$(OK)/$1: $(OK)/$1.sh $(addprefix $(OK)/,$(filter $(DEPENDENCIES),$2)) | $(OK)/packages-$(if $(DEV),dev,build)
$(call record,$(OK)/$1.sh,. $(OK)/functions.sh
$(build-$1))
endef

# What the scripts have in common. (A change here is no reason to build anything again.)
define functions
set -euo pipefail
export LC_ALL=C PATH=$(SYSROOT)/bin:$$PATH
export SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH)
mkdir -p $(DOWNLOAD) $O/work $(SYSROOT)/bin $(SYSROOT)/include $(SYSROOT)/lib

# apt get|cache SUITE ARGUMENT...: apt-get or apt-cache with an index of its own. The machine's apt is left alone, but its proxy settings hold.
# A newer suite's Release file may be past its Valid-Until: testing's lasts a week, and mirrors stand still at times. An old
# index is a signed one all the same; the worst that it can give us is an older version, and `version --all` tells which.
apt()
{
	local tool=apt-$$1 suite=$$2
	shift 2
	$$tool -qq -o Dir::State::Lists=$(DOWNLOAD)/$$suite/lists -o Dir::Cache=$(DOWNLOAD)/$$suite/cache \
		-o Dir::Etc::SourceList=$(DOWNLOAD)/$$suite/sources.list -o Dir::Etc::SourceParts=- \
		-o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root "$$@"
}

# mirror_of NAME: the URI of Debian's archive NAME, as apt itself reads its source lists, whatever form these have.
# (Several tries: apt does not know them for a moment while another apt-get updates.)
mirror_of()
{
	local try
	for try in 1 2 3; do
		apt-get indextargets --format '$$(REPO_URI)' 'Identifier: Packages' | grep -m 1 "/$$1/*\$$" && return
		sleep 0.5
	done
	return 1
}

# refresh SUITE: reads the index of a suite; apt verifies its signature. The stable suite comes with its security updates,
# whose archive, where apt knows none, is looked for on the same host.
refresh()
{
	local list=$(DOWNLOAD)/$$1/sources.list main='$(MIRROR)' security='$(SECURITY)'
	mkdir -p $(DOWNLOAD)/$$1/lists/partial $(DOWNLOAD)/$$1/cache/archives/partial
	main=$${main:-$$(mirror_of debian)} || { echo "apt knows no mirror of Debian here; name one: make MIRROR=URI"; return 1; }
	echo "deb-src [signed-by=$(KEYRING)] $$main $$1 main" >$$list
	if [ $$1 = $(STABLE) ]; then
		security=$${security:-$$(mirror_of debian-security || echo $${main%debian*}debian-security)}
		cp $$list $$list.main
		echo "deb-src [signed-by=$(KEYRING)] $$security $$1-security main" >>$$list
		apt get $$1 update && return
		mv $$list.main $$list
		echo "warning: the security updates of $$1 cannot be had today"
	fi
	apt get $$1 update
}

# fetch PACKAGE SUITE: downloads a source package, once; apt verifies every file by the index. The lock keeps out the other
# jobs of this make, and another make in this tree.
fetch()
(
	source=$(DOWNLOAD)/$$2/$$1
	exec 9>$(DOWNLOAD)/lock && flock 9 || exit
	[ ! -e $$source/complete ] || exit 0
	mkdir -p $$source && cd $$source || exit

	# The mirror may have moved on since the index was read; and it may lack the newest of the versions that its index names.
	[ -d ../lists ] && download $$2 $$1 || { refresh $$2 && { download $$2 $$1 || download_older $$2 $$1; }; } || exit
	touch complete
)

# download SUITE PACKAGE[=VERSION]: into the current folder.
download()
{
	rm -f ./*
	apt get $$1 source --only-source --download-only $$2
}

# download_older SUITE PACKAGE: the newest version that can be had at all. (An index also names those before the last update.)
download_older()
{
	local version
	for version in $$(apt cache $$1 showsrc --only-source $$2 | sed -n 's/^Version: //p' | sort -ruV); do
		download $$1 $$2=$$version || continue
		echo "warning: the newest $$2 of $$1 cannot be had today, taking $$version"
		return
	done
	return 1
}

# unpack NAME PACKAGE/SUITE... [-- OPTION OF dpkg-source]: fetches the first of these that can be had, unpacks it into
# work/NAME and goes there. dpkg-source warns that it cannot check the packager's own signature; apt has checked the archive's.
unpack()
{
	local name=$$1 wanted=$$2 source=
	shift
	while [ $$# -gt 0 ] && [ "$$1" != -- ]; do
		[ "$$source" ] || ! fetch $${1%/*} $${1#*/} || source=$$1
		shift
	done
	[ "$$source" ] || { echo "no suite has $${wanted%/*}"; exit 1; }
	rm -rf $O/work/$$name
	dpkg-source $${2-} -x $(DOWNLOAD)/$${source#*/}/$${source%/*}/*.dsc $O/work/$$name
	cd $O/work/$$name
	dpkg-parsechangelog -S Version >$(OK)/$$name.version
	[ $$source = $$wanted ] || echo "warning: $$wanted cannot be had today, taking" \
		"$${source%/*} $$(cat $(OK)/$$name.version) of $${source#*/}"
}

# patch_line FILE TEXT SED: a sed script for FILE, in which TEXT must be found (sed alone is silent when it finds nothing).
patch_line()
{
	grep -qF -- "$$2" $$1 || { echo "no longer in $$1: $$2"; exit 1; }
	sed -i "$$3" $$1
}
endef
$(call record,$(OK)/functions.sh,$(functions))

# ---- the libraries ----------------------------------------------------------------------------------------------------------

# The sysroot is musl's own prefix, so musl-gcc finds all that is installed there without -I and -L. It sees nothing of
# /usr/include (or configure would find glibc's headers); of the kernel's, OpenSSL wants linux/mman.h.
define build-musl
unpack musl musl/$(STABLE)
CC=gcc CFLAGS="-Os -fstack-protector-strong" ./configure --prefix=$(SYSROOT) --syslibdir=$(SYSROOT)/lib \
	--disable-shared --enable-wrapper=gcc
$(MAKE) install
ln -sfn /usr/include/{linux,asm-generic,mtd} $(SYSROOT)/include
ln -sfn /usr/include/$$(gcc -print-multiarch)/asm $(SYSROOT)/include
endef

# no-X for everything that neither libpq nor a client certificate needs. `des` stays: old private keys are encrypted with it.
OPENSSL_WITHOUT := shared module dso apps docs tests legacy autoload-config makedepend async engine afalgeng comp cmp cms ct ts \
	srp psk dtls srtp sctp quic ssl3 ssl3-method tls1 tls1-method tls1_1 tls1_1-method nextprotoneg http ocsp rfc3779 gost \
	idea rc2 rc4 rc5 bf cast seed camellia aria sm2 sm3 sm4 md4 mdc2 rmd160 whirlpool blake2 siphash siv scrypt ocb dsa ec2m \
	ml-dsa slh-dsa argon2 thread-pool default-thread-pool ktls ui-console zlib uplink multiblock ssl-trace \
	integrity-only-ciphers tls-deprecated-ec

# The AVX-512 form of AES-GCM alone is 0.7 MB of code, for a TLS that is 17 % faster in bulk. OpenSSL bakes its prefix into
# itself: it gets an ordinary one, and DESTDIR.
define build-openssl
unpack openssl openssl/$(STABLE)
patch_line crypto/modes/asm/aes-gcm-avx512.pl '$$avx512vaes = ($$1 >= 2.30)' 's/= (\$$1 >= 2.30)/= 0/'
patch_line crypto/aes/asm/aesni-xts-avx512.pl '$$avx512vaes = ($$ver >= 2.30)' 's/= (\$$ver >= 2.30)/= 0/'
./Configure linux-$(ARCH) --prefix=/usr/local --libdir=lib --openssldir=/etc/ssl $(addprefix no-,$(OPENSSL_WITHOUT)) \
	CC=$(CC) CFLAGS="$(SMALL)"
$(MAKE) build_libs
$(MAKE) install_dev DESTDIR=$O/work/openssl/installed
cp -a installed/usr/local/include/. $(SYSROOT)/include
cp installed/usr/local/lib/*.a $(SYSROOT)/lib
endef

define build-zlib
unpack zlib zlib/$(STABLE)
CC=$(CC) CFLAGS="$(FAST)" ./configure --static --prefix=$(SYSROOT)
$(MAKE) libz.a
$(MAKE) install
endef

# It inflates gzip in half of zlib's time. For 100 kB less the checksum is zlib's (slower than its own: 15 % of the reading), the tables of
# one kind of block, which hardly anyone writes, are made when one comes, and nothing refers to the other half, which deflates.
ISAL_FLAGS   := $(FAST) -DNO_STATIC_INFLATE_H
ISAL_x86_64  := arch= AS=nasm CFLAGS_="$(ISAL_FLAGS)"
ISAL_aarch64 := CFLAGS_aarch64="$(ISAL_FLAGS)"
ISAL_other   := arch= host_cpu=base_aliases CFLAGS_="$(ISAL_FLAGS)"
define build-isal
unpack isal libisal/$(STABLE) libisal/$(OLDER) -- --skip-patches
$(MAKE) -f Makefile.unx lib units="igzip crc" CC=$(CC) $(ISAL_$(or $(filter x86_64 aarch64,$(ARCH)),other))
cat >own.c <<-'end'
	#include <string.h>
	#include <zlib.h>
	#include "include/igzip_lib.h"
	uint32_t crc32_gzip_refl(uint32_t crc, const unsigned char *at, uint64_t length) { return crc32_z(crc, at, length); }
	uint32_t isal_adler32_bam1(uint32_t sum, const unsigned char *at, uint64_t length) { __builtin_trap(); } /* not of gzip */
	void isal_gzip_header_init(struct isal_gzip_header *header) { memset(header, 0, sizeof *header); }
end
$(CC) $(FAST) -c own.c
mkdir -p $(SYSROOT)/include/isa-l
install -m644 include/igzip_lib.h $(SYSROOT)/include/isa-l
rm -f $(SYSROOT)/lib/libisal.a
ar rcs $(SYSROOT)/lib/libisal.a own.o bin/*.o
endef

define build-bzip2
unpack bzip2 bzip2/$(STABLE)
$(MAKE) libbz2.a CC=$(CC) CFLAGS="$(FAST)"
install -m644 bzlib.h $(SYSROOT)/include
install -m644 libbz2.a $(SYSROOT)/lib
endef

# Without Debian's patches: they replace the bundled xxhash by one more library.
define build-lz4
unpack lz4 lz4/$(STABLE) -- --skip-patches
$(MAKE) -C lib install BUILD_SHARED=no PREFIX=$(SYSROOT) CC=$(CC) CFLAGS="$(FAST)"
endef

define build-zstd
unpack zstd libzstd/$(STABLE)
options="CC=$(CC) MOREFLAGS= ZSTD_LEGACY_SUPPORT=0 ZSTD_LIB_DEPRECATED=0 ZSTD_LIB_DICTBUILDER=0 PREFIX=$(SYSROOT)"
$(MAKE) -C lib libzstd.a $$options CFLAGS="$(FAST)"
$(MAKE) -C lib install-static install-includes $$options CFLAGS="$(FAST)"
endef

# A fast CRC would ask the processor what it can at every start: ten microseconds in a virtual machine, for nothing.
define build-xz
unpack xz xz-utils/$(STABLE)
./configure --host=$(ARCH)-linux-musl --prefix=$(SYSROOT) CC=$(CC) CFLAGS="$(FAST)" --disable-shared --disable-xz \
	--disable-xzdec --disable-lzmadec --disable-lzmainfo --disable-lzma-links --disable-scripts --disable-doc --disable-nls \
	--disable-clmul-crc --disable-microlzma --disable-lzip-decoder --disable-dependency-tracking
$(MAKE) -C src/liblzma install
endef

# Without Debian's patches: they turn most of the options into variables, and the one for new sections into a constant 0.
# The limits for a section's name and a key's are no options; a section name beyond is made an error, not cut.
define build-inih
unpack inih libinih/$(STABLE) -- --skip-patches
patch_line ini.c '#define MAX_SECTION 50' 's/^#define MAX_SECTION .*/#define MAX_SECTION 65536/'
patch_line ini.c '#define MAX_NAME 50' 's/^#define MAX_NAME .*/#define MAX_NAME 65536/'
patch_line ini.c "if (*end == ']') {" "s/if (\*end == ']') {/if (*end == ']' \&\& end - start <= MAX_SECTION) {/"
$(CC) $(SMALL) $(INIH_FLAGS) -c ini.c
ar rcs $(SYSROOT)/lib/libinih.a ini.o
install -m644 ini.h $(SYSROOT)/include
endef

# Debian patches a Makefile.am; the touches, in this order, keep make from calling automake. 3.7 will do where 3.8 cannot be had.
define build-libarchive
unpack libarchive $(addprefix libarchive/,$(NEWER) $(STABLE))
touch aclocal.m4
touch configure config.h.in Makefile.in
./configure --host=$(ARCH)-linux-musl --prefix=$(SYSROOT) CC=$(CC) CFLAGS="$(SMALL)" --disable-shared \
	--disable-dependency-tracking --disable-bsdtar --disable-bsdcpio --disable-bsdcat --disable-bsdunzip --disable-acl \
	--disable-xattr --without-xml2 --without-expat --without-openssl --without-mbedtls --without-nettle --without-cng \
	--without-libb2 --without-iconv --without-lzo2
$(MAKE) libarchive.la
$(MAKE) install-libLTLIBRARIES install-includeHEADERS
endef

# Only the client's half, library by library: no server, no zic (hence the time zones), no shared libpq (hence -o, which tells
# make that it is there already). Three changes to the source:
#   src/common: libpgcommon would call its encoding functions by private names, while libpq.a wants the public ones.
#   Its hashes, which a login by password takes a dozen of, are its own: OpenSSL would start a provider for them, a millisecond.
#   pg_restore sends SET transaction_timeout to any server; those before 17 do not know it, and it would exit with 1.
# pg_dump and pg_restore become one object, in which every name but pg_dump_main and pg_restore_main is private. They leave
# their memory to exit(), and LeakSanitizer is told so.
PG_WITHOUT_LIBPQ_SO := -o submake-libpq -o submake-libpgport -o submake-libpgfeutils
define build-postgresql
unpack postgresql $(if $(filter-out $(PG_STABLE),$(PG)),$(addprefix postgresql-$(PG)/,$(NEWER))) \
	postgresql-$(PG_STABLE)/$(STABLE)
patch_line src/common/Makefile -DUSE_PRIVATE_ENCODING_FUNCS 's/ -DUSE_PRIVATE_ENCODING_FUNCS//'
patch_line src/common/Makefile cryptohash_openssl.o 's/cryptohash_openssl.o/cryptohash.o md5.o sha1.o sha2.o/'
patch_line src/common/Makefile hmac_openssl.o 's/hmac_openssl.o/hmac.o/'
patch_line src/bin/pg_dump/pg_backup_archiver.c '	ahprintf(AH, "SET transaction_timeout = 0;' \
	'/SET transaction_timeout/s/^/\tif (!AH->connection || PQserverVersion(AH->connection) >= 170000)\n\t/'
./configure $(PG_PLATFORM) CC=$(CC) CFLAGS="$(SMALL)" LDFLAGS="$(LDFLAGS)" --prefix=/usr/local \
	--with-system-tzdata=/usr/share/zoneinfo --without-icu --without-readline --with-ssl=openssl --with-zlib \
	--with-lz4 LZ4_CFLAGS=" " LZ4_LIBS=-llz4 --with-zstd ZSTD_CFLAGS=" " ZSTD_LIBS=-lzstd
$(MAKE) -C src/backend generated-headers
$(MAKE) -C src/port libpgport.a
$(MAKE) -C src/common libpgcommon.a
$(MAKE) -C src/interfaces/libpq all-static-lib
$(MAKE) -C src/fe_utils -o submake-libpq
$(MAKE) -C src/bin/pg_dump $(PG_WITHOUT_LIBPQ_SO) pg_dump pg_restore
cp src/port/libpgport.a src/common/libpgcommon.a src/interfaces/libpq/libpq.a src/fe_utils/libpgfeutils.a $(SYSROOT)/lib
cp src/interfaces/libpq/{libpq-fe,libpq-events,pqexpbuffer}.h src/include/postgres_ext.h $(SYSROOT)/include
! [ -e src/include/pg_config_ext.h ] || cp src/include/pg_config_ext.h $(SYSROOT)/include # in 17 only
mkdir -p $(SYSROOT)/include/fe_utils
cp src/include/fe_utils/psqlscan.h $(SYSROOT)/include/fe_utils

cd src/bin/pg_dump
objcopy --redefine-sym main=pg_dump_main pg_dump.o
objcopy --redefine-sym main=pg_restore_main pg_restore.o
cat >leaks.c <<-'end'
	const char *__lsan_default_suppressions(void) { return "leak:/bin/pg_dump/"; }
	const char *__lsan_default_options(void) { return "print_suppressions=0"; }
end
$(CC) $(SMALL) -c leaks.c
ld -r -o tools *.o
objcopy $(addprefix --keep-global-symbol=,pg_dump_main pg_restore_main __lsan_default_suppressions __lsan_default_options) \
	tools $(SYSROOT)/lib/pgtools.o
endef

# The order is that in which make starts them: OpenSSL takes longest, and PostgreSQL waits for it.
$(eval $(call dependency,$(if $(DEV),glibc,musl),$(if $(DEV),LGPL-2.1-or-later,MIT),,libc6-dev))
$(eval $(call dependency,openssl,Apache-2.0,musl,libssl-dev))
$(eval $(call dependency,zlib,Zlib,musl,zlib1g-dev))
$(eval $(call dependency,isal,BSD-3-Clause,musl zlib,libisal-dev))
$(eval $(call dependency,lz4,BSD-2-Clause,musl,liblz4-dev))
$(eval $(call dependency,zstd,BSD-3-Clause,musl,libzstd-dev))
$(eval $(call dependency,postgresql,PostgreSQL,openssl zlib lz4 zstd))
$(eval $(call dependency,bzip2,bzip2-1.0.6,musl,libbz2-dev))
$(eval $(call dependency,xz,0BSD,musl,liblzma-dev))
$(eval $(call dependency,libarchive,BSD-2-Clause,zlib bzip2 lz4 zstd xz,libarchive-dev))
$(eval $(call dependency,inih,BSD-3-Clause,musl))

# ---- rules ------------------------------------------------------------------------------------------------------------------

# The + gives the script's own makes a share of this one's jobs, but would also run it under make -n. The lock is for another
# make in this tree, which may have done it meanwhile.
$(addprefix $(OK)/,$(DEPENDENCIES)): $(OK)/%:
	$(if $(findstring n,$(firstword -$(MAKEFLAGS))),# $*.sh,+@exec 8>$@.lock; flock 8; \
	needed=; for input in $^; do [ $@ -nt $$input ] || needed=yes; done; [ $$needed ] || exit 0; \
	start=$$EPOCHREALTIME; \
	if bash $@.sh >$@.log 2>&1; then \
		grep '^warning: ' $@.log >&2; \
		touch $@; \
		awk -v s=$$start -v e=$$EPOCHREALTIME '{ printf "%-12s%-24s%6.1f s\n", "$*", $$0, e - s }' $@.version; \
	else \
		tail -n 25 $@.log >&2; \
		echo "building $* has failed; the whole story is in $@.log" >&2; \
		exit 1; \
	fi)

# $(OK)/packages-X: the packages of packages-X are installed. apt is called only for those that are missing, and its index is
# read again only when it is of no use as it is. Nobody else need be root.
$(foreach set,build dev unit fuzz,$(call record,$(OK)/packages-$(set).list,$(packages-$(set))))
$(OK)/packages-%: $(OK)/packages-%.list
	@missing=$$(for package in $(packages-$*); do \
		[ "$$(dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null)" = installed ] || echo $$package; done); \
	[ -z "$$missing" ] || { \
		echo "installing" $$missing; \
		export DEBIAN_FRONTEND=noninteractive; \
		install="apt-get -qq install -y --no-install-recommends -o DPkg::Lock::Timeout=600"; \
		$$install $$missing >$@.log 2>&1 || { apt-get -qq update && $$install $$missing; } >>$@.log 2>&1 || \
			{ tail $@.log; echo "please install:" $$missing; exit 1; } >&2; \
	}
	@touch $@

$O/versions.h: $(addprefix $(OK)/,$(DEPENDENCIES))
	@{ \
		echo '/* Made by entrypoint/deps.mk: what this build is made of. */'; \
		echo '#define POSTGRESQL_MAJOR' $$(sed 's/\..*//' $(OK)/postgresql.version); \
		echo 'static const char *const dependency_versions[][3] = {'; \
		$(foreach name,$(DEPENDENCIES),echo '	{"$(name)", "'$$(cat $(OK)/$(name).version)'", "$(licence-$(name))"},';) \
		$(foreach pair,$(SHARED),$(call version-line,$(subst :, ,$(pair)))) \
		echo '};'; \
	} >$@
version-line = echo '	{"$(word 1,$1)", "'$$(dpkg-query -W -f '$${Version}' $(word 2,$1))'", "$(licence-$(word 1,$1))"},';

deps: $O/versions.h
