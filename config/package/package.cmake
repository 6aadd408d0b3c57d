# SPDX-License-Identifier: Apache-2.0
# What is installed, and the Debian package: cpack -G DEB -B DIRECTORY, in the build directory.
#
# Component `runtime` is the program alone, `data` what belongs beside it below the prefix, `debian` what only the package
# has. The unit is config/systemd's with the paths and the user of a package; scripts and the rest are beside this file.
include(GNUInstallDirs)
set(package_dir ${CMAKE_CURRENT_LIST_DIR})
set(made ${PROJECT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${made})

install(TARGETS mqtt-reason-exporter RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)

# ---- Below the prefix

find_program(GZIP gzip REQUIRED)
set(manual ${PROJECT_BINARY_DIR}/manual)
add_custom_command(OUTPUT ${made}/mqtt-reason-exporter.1.gz DEPENDS ${manual}/mqtt-reason-exporter.1
  COMMAND ${GZIP} -9nc ${manual}/mqtt-reason-exporter.1 > ${made}/mqtt-reason-exporter.1.gz VERBATIM)
add_custom_target(package_files ALL DEPENDS ${made}/mqtt-reason-exporter.1.gz)
add_dependencies(package_files manuals mqtt-reason-exporter)

set(share ${CMAKE_INSTALL_DATADIR}/mqtt-reason-exporter)
set(doc ${CMAKE_INSTALL_DATADIR}/doc/mqtt-reason-exporter)
file(GLOB dashboards CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/dashboards/mqtt-reason-*.json)
file(GLOB profiles CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/config/profiles/*.yaml)
set(rules rules.yaml alerts.yaml inhibit.yaml)
list(TRANSFORM rules PREPEND ${PROJECT_SOURCE_DIR}/dashboards/)
install(FILES ${made}/mqtt-reason-exporter.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT data)
install(FILES ${manual}/mqtt-reason-exporter.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME mqtt-reason-exporter COMPONENT data)
install(FILES ${manual}/_mqtt-reason-exporter DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT data)
install(FILES ${dashboards} DESTINATION ${share}/dashboards COMPONENT data)
install(FILES ${rules} DESTINATION ${share}/rules COMPONENT data)
install(FILES ${profiles} DESTINATION ${share}/profiles COMPONENT data)
install(FILES ${PROJECT_SOURCE_DIR}/config/exporter.yaml DESTINATION ${doc}/examples COMPONENT data)
install(FILES ${PROJECT_SOURCE_DIR}/dashboards/RUNBOOK.md ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/SECURITY.md
  DESTINATION ${doc} COMPONENT data)

# ---- The Debian package

# Replaces a line of `text`; the unit's other lines are not ours, so a line that is missing stops the build.
function(replace_line regex replacement)
  string(REGEX MATCH "\n${regex}" found "${text}")
  if(NOT found)
    message(FATAL_ERROR "config/systemd/mqtt-reason-exporter.service has no line \"${regex}\"; see config/package/package.cmake")
  endif()
  string(REGEX REPLACE "\n${regex}" "\n${replacement}" text "${text}")
  set(text "${text}" PARENT_SCOPE)
endfunction()
set(unit ${PROJECT_SOURCE_DIR}/config/systemd/mqtt-reason-exporter.service)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${unit})
file(READ ${unit} text)
string(REGEX REPLACE "^(#[^\n]*\n)+" "# The exporter as a service. Your own settings go into a drop-in: systemctl edit mqtt-reason-exporter\n"
  text "${text}")
replace_line("(Description=[^\n]*)" "\\1\nDocumentation=man:mqtt-reason-exporter(1)")
replace_line("ExecStartPre=/usr/local/bin/([^\n]*)" "ExecStartPre=/usr/bin/\\1")
replace_line("ExecStart=/usr/local/bin/([^\n]*)"
  "EnvironmentFile=-/etc/default/mqtt-reason-exporter\nExecStart=/usr/bin/\\1 $ARGS")
replace_line("(#[^\n]*\n)*User=[^\n]*" "# For the user that may read your broker's log: /usr/share/doc/mqtt-reason-exporter/README.Debian\nUser=mqtt-reason-exporter")
file(WRITE ${made}/mqtt-reason-exporter.service "${text}")

set(release "")
if(EXISTS /etc/os-release)
  file(STRINGS /etc/os-release release REGEX "^VERSION_ID=")
endif()
string(REGEX REPLACE "[^0-9]" "" release "${release}")
set(MRE_PACKAGE_RELEASE "1~deb${release}" CACHE STRING "Revision of the Debian package; each Debian has its own libraries")
set(MRE_PACKAGE_MAINTAINER "mqtt-reason-exporter maintainers <maintainers@mqtt-reason-exporter.invalid>" CACHE STRING
    "Who answers for the Debian package: NAME <ADDRESS>")
# The time of the last commit, so that the same source gives the same package.
execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} log -1 --format=%aD OUTPUT_VARIABLE date
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT date)
  set(date "Thu, 01 Jan 1970 00:00:00 +0000")
endif()
file(WRITE ${made}/changelog "mqtt-reason-exporter (${PROJECT_VERSION}-${MRE_PACKAGE_RELEASE}) stable; urgency=medium

  * Release ${PROJECT_VERSION}.

 -- ${MRE_PACKAGE_MAINTAINER}  ${date}
")
execute_process(COMMAND ${GZIP} -9nc ${made}/changelog OUTPUT_FILE ${made}/changelog.Debian.gz COMMAND_ERROR_IS_FATAL ANY)

function(install_debian to)  # FILE=NAME...
  foreach(row ${ARGN})
    string(REGEX MATCH "^(.*)=(.*)$" matched ${row})
    install(FILES ${CMAKE_MATCH_1} DESTINATION ${to} RENAME ${CMAKE_MATCH_2} COMPONENT debian EXCLUDE_FROM_ALL)
  endforeach()
endfunction()
install_debian(/usr/lib/systemd/system ${made}/mqtt-reason-exporter.service=mqtt-reason-exporter.service)
install_debian(/usr/lib/sysusers.d ${package_dir}/sysusers.conf=mqtt-reason-exporter.conf)
install_debian(/etc/default ${package_dir}/default=mqtt-reason-exporter)
install_debian(/etc/mqtt-reason-exporter ${package_dir}/exporter.yaml=exporter.yaml)
install_debian(/usr/share/doc/mqtt-reason-exporter ${package_dir}/copyright=copyright ${package_dir}/README.Debian=README.Debian
  ${made}/changelog.Debian.gz=changelog.Debian.gz)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mqtt-reason-exporter)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE ${MRE_PACKAGE_RELEASE})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${MRE_PACKAGE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Counts the reason codes with which MQTT brokers refuse, drop and deny clients,
per code, packet, direction and protocol version, and serves them to
Prometheus. It reads a broker's log, subscribes to the events that it
publishes, or captures the packets themselves.

Dashboards for Grafana, and rules and alerts for Prometheus, are included.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Besides the libraries that the program is linked with: the one that captures load (libpcap0.8t64 is Debian 13's), and
# procps, which has kill, which the unit reloads with.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libpcap0.8t64 | libpcap0.8, procps, systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, prometheus-alertmanager")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${package_dir}/conffiles ${package_dir}/postinst ${package_dir}/prerm ${package_dir}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "")
foreach(component runtime data debian)
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS ${PROJECT_BINARY_DIR} ${PROJECT_NAME} ${component} /)
endforeach()
include(CPack)
