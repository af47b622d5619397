/** The best-known providers of addresses that live for minutes; their subdomains count too. Lower case. */
export const disposableDomains: ReadonlySet<string> = new Set(
  `0-mail.com 0815.ru 0clickemail.com 10mail.org 10minutemail.com 10minutemail.net 10minutemail.co.uk 1secmail.com
   1secmail.net 1secmail.org 20mail.it 20minutemail.com 2prong.com 30minutemail.com 33mail.com 3d-painting.com 4warding.com
   60minutemail.com 675hosting.com 6ip.us 9ox.net a-bc.net afrobacon.com ajaxapp.net amilegit.com anonbox.net
   anonymbox.com antichef.com antispam.de armyspy.com bccto.me beefmilk.com binkmail.com bobmail.info bofthew.com
   bouncr.com boxformail.in brefmail.com broadbandninja.com bsnow.net bugmenot.com bumpymail.com burnermail.io byom.de
   casualdx.com centermail.com chacuo.net chammy.info cheatmail.de clrmail.com cmail.net cool.fr.nf correo.blogos.net
   cosmorph.com courriel.fr.nf cuvox.de dayrep.com deadaddress.com deadspam.com despam.it despammed.com devnullmail.com
   dfgh.net digitalsanctuary.com discard.email discardmail.com discardmail.de disposableaddress.com disposeamail.com
   disposemail.com dispostable.com dodgeit.com dodgit.com donemail.ru dontreg.com drdrb.com dropmail.me dump-email.info
   dumpandjunk.com dumpmail.de e4ward.com easytrashmail.com einrot.com email60.com emailias.com emailondeck.com
   emailsensei.com emailtemporario.com.br emailthe.net emailtmp.com emailwarden.com emailx.at.hm emailxfer.com emltmp.com
   eyepaste.com fakeinbox.com fakemail.fr fakemail.net fakemailgenerator.com fastacura.com filzmail.com fivemail.de
   fleckens.hu fr33mail.info frapmail.com garliclife.com get1mail.com get2mail.fr getairmail.com getmails.eu getnada.com
   getonemail.com giantmail.de girlsundertheinfluence.com gishpuppy.com grr.la guerrillamail.biz guerrillamail.com
   guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com gustr.com h8s.org
   haltospam.com harakirimail.com hatespam.org hidemail.de hmamail.com hotpop.com hulapla.de ieatspam.eu ieatspam.info
   imails.info inboxalias.com inboxbear.com inboxclean.com inboxclean.org inboxkitten.com incognitomail.com
   incognitomail.net incognitomail.org insorg-mail.info ipoo.org irish2me.com jetable.com jetable.fr.nf jetable.net
   jetable.org jnxjn.com jourrapide.com kasmail.com kaspop.com killmail.com killmail.net klassmaster.com klzlk.com
   kurzepost.de letthemeatspam.com lhsdv.com lifebyfood.com link2mail.net litedrop.com lookugly.com lortemail.dk
   lroid.com lukop.dk m4ilweb.info maboard.com mail-temporaire.fr mail.by mail.tm mail4trash.com mailbidon.com mailbiz.biz
   mailblocks.com mailcatch.com maildrop.cc maildx.com maileater.com mailexpire.com mailfa.tk mailforspam.com
   mailfreeonline.com mailguard.me mailimate.com mailin8r.com mailinater.com mailinator.com mailinator.net mailinator.org
   mailinator2.com mailincubator.com mailismagic.com mailme.lv mailmetrash.com mailmoat.com mailnator.com mailnesia.com
   mailnull.com mailpick.biz mailpoof.com mailrock.biz mailscrap.com mailshell.com mailsiphon.com mailslite.com
   mailtemp.info mailtothis.com mailzilla.com mailzilla.org mbx.cc mega.zik.dj meinspamschutz.de meltmail.com
   messagebeamer.de mierdamail.com minuteinbox.com mintemail.com moakt.cc moakt.com moburl.com mohmal.com moncourrier.fr.nf
   monemail.fr.nf monmail.fr.nf mt2009.com mt2014.com mytemp.email mytempmail.com mytrashmail.com nada.email neomailbox.com
   nepwk.com nervmich.net nervtmich.net netmails.com netmails.net neverbox.com no-spam.ws nobulk.com noclickemail.com
   nogmailspam.info nomail.xl.cx nomail2me.com nospam.ze.tc nospam4.us nospamfor.us nowmymail.com objectmail.com
   obobbo.com odnorazovoe.ru oneoffemail.com onewaymail.com ordinaryamerican.net owlpic.com pookmail.com privacy.net
   proxymail.eu prtnx.com punkass.com putthisinyourspamdatabase.com quickinbox.com rcpt.at recode.me recursor.net
   regbypass.com rhyta.com rmqkr.net safersignup.de safetymail.info sharedmailbox.org sharklasers.com shieldemail.com
   shitmail.me shortmail.net sibmail.com skeefmail.com slaskpost.se slopsbox.com smellfear.com snakemail.com sneakemail.com
   sofimail.com sofort-mail.de sogetthis.com soodonims.com spam.la spam4.me spamavert.com spambob.com spambob.net
   spambog.com spambog.de spambox.us spamcannon.com spamcero.com spamcorptastic.com spamday.com spamex.com spamfree24.com
   spamfree24.de spamfree24.org spamgourmet.com spamherelots.com spamhole.com spamify.com spaml.com spaml.de spammotel.com
   spamobox.com spamspot.com spamthis.co.uk superrito.com suremail.info teewars.org teleworm.us temp-mail.io temp-mail.org
   temp-mail.ru tempail.com tempemail.co.za tempemail.com tempemail.net tempinbox.co.uk tempinbox.com tempm.com
   tempmail.dev tempmail.it tempmail.net tempmail.plus tempmailo.com tempomail.fr temporaryemail.net temporaryinbox.com
   tempr.email tempymail.com thanksnospam.info throam.com throwam.com throwawaymail.com tilien.com tmail.ws tmailinator.com
   tmpmail.net tmpmail.org trash-mail.at trash-mail.com trash-mail.de trash2009.com trashdevil.com trashdevil.de
   trashmail.at trashmail.com trashmail.de trashmail.me trashmail.net trashmail.org trashmail.ws trashymail.com trbvm.com
   tyldd.com uggsrock.com veryrealemail.com viditag.com vomoto.com wegwerf-email.de wegwerfadresse.de wegwerfemail.de
   wegwerfmail.de wegwerfmail.net wegwerfmail.org wh4f.org whyspam.me willselfdestruct.com winemaven.info wronghead.com
   wuzup.net wuzupmail.net xagloo.com xemaps.com xents.com xmaily.com xoxy.net yapped.net yep.it yogamaven.com yopmail.com
   yopmail.fr yopmail.net you-spam.com yuurok.com zehnminutenmail.de zippymail.info zoemail.net zoemail.org`.split(
    /\s+/,
  ),
);
