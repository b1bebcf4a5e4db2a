; Images on Windows. A case file is Gigatile's own and associated by electron-builder; images often belong to a scanner's viewer
; already. Gigatile is offered for them under "Open with", and opens slides by double-click only where no program does yet.

!macro gigatileOffer EXT
  WriteRegNone SHELL_CONTEXT "Software\Classes\.${EXT}\OpenWithProgids" "Gigatile.Image"
!macroend

!macro gigatileOpenUnclaimed EXT
  !insertmacro gigatileOffer "${EXT}"
  ReadRegStr $0 HKCR ".${EXT}" ""
  StrCmp $0 "" 0 +2
  WriteRegStr SHELL_CONTEXT "Software\Classes\.${EXT}" "" "Gigatile.Image"
!macroend

!macro gigatileWithdraw EXT
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.${EXT}\OpenWithProgids" "Gigatile.Image"
  ReadRegStr $0 SHELL_CONTEXT "Software\Classes\.${EXT}" ""
  StrCmp $0 "Gigatile.Image" 0 +2
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.${EXT}" ""
!macroend

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\Gigatile.Image" "" "Whole-slide or satellite image"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Gigatile.Image\DefaultIcon" "" "$INSTDIR\resources\image.ico"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Gigatile.Image\shell\open\command" "" '"$appExe" "%1"'
  !insertmacro gigatileOpenUnclaimed "svs"
  !insertmacro gigatileOpenUnclaimed "ndpi"
  !insertmacro gigatileOpenUnclaimed "scn"
  !insertmacro gigatileOpenUnclaimed "bif"
  !insertmacro gigatileOpenUnclaimed "mrxs"
  !insertmacro gigatileOpenUnclaimed "svslide"
  !insertmacro gigatileOffer "tif"
  !insertmacro gigatileOffer "tiff"
  !insertmacro gigatileOffer "btf"
  !insertmacro gigatileOffer "tf8"
  !insertmacro gigatileOffer "dcm"
  !insertmacro gigatileOffer "jp2"
  !insertmacro gigatileOffer "j2k"
  System::Call "shell32::SHChangeNotify(i 0x08000000, i 0x1000, i 0, i 0)"
!macroend

!macro customUnInstall
  !insertmacro gigatileWithdraw "svs"
  !insertmacro gigatileWithdraw "ndpi"
  !insertmacro gigatileWithdraw "scn"
  !insertmacro gigatileWithdraw "bif"
  !insertmacro gigatileWithdraw "mrxs"
  !insertmacro gigatileWithdraw "svslide"
  !insertmacro gigatileWithdraw "tif"
  !insertmacro gigatileWithdraw "tiff"
  !insertmacro gigatileWithdraw "btf"
  !insertmacro gigatileWithdraw "tf8"
  !insertmacro gigatileWithdraw "dcm"
  !insertmacro gigatileWithdraw "jp2"
  !insertmacro gigatileWithdraw "j2k"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Gigatile.Image"
  System::Call "shell32::SHChangeNotify(i 0x08000000, i 0x1000, i 0, i 0)"
!macroend
